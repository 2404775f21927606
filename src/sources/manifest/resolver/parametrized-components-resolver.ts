import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import { componentMapping } from "./component-mapping.ts";
import type { ComponentsResolver } from "./components-resolver.ts";
import { MAX_DYNAMIC_STREAMS } from "./dynamic-stream.ts";
import { fillIn } from "./fill-in.ts";

/** A stream for each set of parameters that the manifest lists. */
export const parametrizedComponentsResolver = defineComponent({
  type: "ParametrizedComponentsResolver",
  fields: z.object({
    stream_parameters: z.object({
      list_of_parameters_for_stream: z.array(z.record(z.string(), z.json())).max(MAX_DYNAMIC_STREAMS),
    }),
    components_mapping: z.array(componentMapping),
  }),
  build(fields, scope): ComponentsResolver {
    const mappings = fields.components_mapping.map((mapping) => mapping(scope, { readsYaml: true, creates: true }));
    return {
      resolve: async (template) =>
        fields.stream_parameters.list_of_parameters_for_stream.map((values) =>
          fillIn(template, mappings, { components_values: values }),
        ),
    };
  },
});
