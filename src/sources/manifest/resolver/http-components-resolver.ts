import { z } from "zod";

import type { Json } from "#core/json";
import { SourceFailure } from "#sources/source";
import { defineComponent } from "#sources/manifest/component";
import { retriever } from "#sources/manifest/retriever/retriever";
import { partitionOf } from "#sources/manifest/partition/record-partition";
import { isRecord } from "#sources/manifest/record/record";
import { componentMapping } from "./component-mapping.ts";
import type { ComponentsResolver } from "./components-resolver.ts";
import { MAX_DYNAMIC_STREAMS } from "./dynamic-stream.ts";
import { fillIn } from "./fill-in.ts";

/** A stream for each record that the API gives. */
export const httpComponentsResolver = defineComponent({
  type: "HttpComponentsResolver",
  fields: z.object({ retriever: retriever.schema, components_mapping: z.array(componentMapping) }),
  build(fields, scope): ComponentsResolver {
    const mappings = fields.components_mapping.map((mapping) => mapping(scope, { readsYaml: false, creates: false }));
    const reader = fields.retriever(scope)({
      name: scope.stream,
      incremental: null,
      transformations: [],
      schema: null,
    });
    return {
      async resolve(template) {
        const start: Json = null;
        const found = [];
        for await (const page of reader.read({ cursor: start, checkpoint: start })) {
          for (const record of page.records) {
            const slice = isRecord(record) ? partitionOf(record) : {};
            found.push(fillIn(template, mappings, { components_values: record, stream_slice: slice }));
          }
          if (found.length > MAX_DYNAMIC_STREAMS) {
            throw new SourceFailure({
              kind: "bad_response",
              message: `The API names more than ${MAX_DYNAMIC_STREAMS} streams.`,
              final: true,
            });
          }
          if (page.resumeAt !== undefined && page.resumeAt > scope.now()) {
            throw new SourceFailure({
              kind: "transient",
              message: "The API has not got its list of streams ready.",
              retryAt: page.resumeAt,
            });
          }
        }
        return found;
      },
    };
  },
});
