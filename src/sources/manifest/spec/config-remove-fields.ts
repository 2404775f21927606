import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import { optionalCondition } from "#sources/manifest/condition";
import { removeAt } from "#sources/manifest/record/path";
import type { ConfigTransformation } from "./config-rule.ts";

const pointer = z.array(z.union([z.string(), z.int()]).transform(String));

export const configRemoveFields = defineComponent({
  type: "ConfigRemoveFields",
  fields: z.object({ field_pointers: z.array(pointer), condition: optionalCondition }),
  build(fields, scope): ConfigTransformation {
    return {
      transform(config) {
        if (fields.condition?.(scope)({ config }) === false) return;
        for (const path of fields.field_pointers) removeAt(config, path);
      },
    };
  },
});
