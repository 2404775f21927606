import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import { addFields } from "#sources/manifest/transformation/add-fields";
import type { ConfigTransformation } from "./config-rule.ts";

/** As AddFields does it to records. */
export const configAddFields = defineComponent({
  type: "ConfigAddFields",
  fields: z.unknown().pipe(addFields.schema),
  build(add, scope): ConfigTransformation {
    return { transform: (config) => add(scope).apply(config, { config }) };
  },
});
