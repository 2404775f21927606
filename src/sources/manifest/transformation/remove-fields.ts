import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import { optionalCondition } from "#sources/manifest/condition";
import { removeAt, removeValues } from "#sources/manifest/record/path";
import type { Transformation } from "./transformation.ts";

const pointer = z.array(z.union([z.string(), z.int()]).transform(String));

export const removeFields = defineComponent({
  type: "RemoveFields",
  fields: z.object({ field_pointers: z.array(pointer), condition: optionalCondition }),
  build({ field_pointers: pointers, condition: definition }, scope): Transformation {
    const when = definition?.(scope) ?? null;
    return {
      apply(record) {
        for (const path of pointers) {
          if (when === null) removeAt(record, path);
          // As with the Python CDK, a condition is asked about every value of the record, wherever the pointers lead.
          else removeValues(record, (property) => when({ property }));
        }
      },
    };
  },
});
