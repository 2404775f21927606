import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import { incrementalSync } from "#sources/manifest/incremental/incremental-sync";
import { parsedState } from "#sources/manifest/incremental/cursor-state";
import { retriever } from "#sources/manifest/retriever/retriever";
import { text } from "#sources/manifest/text";
import { transformation } from "#sources/manifest/transformation/transformation";
import { primaryKey } from "./primary-key.ts";
import { schemaLoader } from "./schema-loader.ts";
import type { ManifestStream } from "./stream.ts";

export const declarativeStream = defineComponent({
  type: "DeclarativeStream",
  fields: z.object({
    name: text.default(() => () => NAMELESS),
    primary_key: primaryKey,
    retriever: retriever.schema,
    incremental_sync: incrementalSync.schema.nullish(),
    transformations: z.array(transformation.schema).nullish(),
    schema_loader: schemaLoader.nullish(),
  }),
  build(fields, outside): ManifestStream {
    const name = fields.name(outside).text();
    const scope = { ...outside, stream: name };
    const reader = fields.retriever(scope)({
      name,
      incremental: fields.incremental_sync ?? null,
      transformations: fields.transformations ?? [],
      schema: fields.schema_loader ?? null,
    });
    const incremental = fields.incremental_sync?.(scope) ?? null;
    return {
      name,
      primaryKey: fields.primary_key,
      incremental: incremental !== null,
      cursorField: incremental?.cursorField ?? null,
      newestIn(cursor) {
        const { newest } = parsedState(cursor);
        return newest === null ? null : (incremental?.timeOf(newest) ?? null);
      },
      origin: null,
      read: (read) => reader.read(read),
    };
  },
});

const NAMELESS = { source: "", isDynamic: false, readsClock: false, value: () => "", text: () => "" };
