import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import { optionalCondition } from "#sources/manifest/condition";
import { removeAt } from "#sources/manifest/record/path";
import type { Transformation } from "./transformation.ts";

const pointer = z.array(z.union([z.string(), z.int()]).transform(String));

export const removeFields = defineComponent({
  type: "RemoveFields",
  fields: z.object({ field_pointers: z.array(pointer), condition: optionalCondition }),
  build({ field_pointers: pointers, condition: definition }, scope): Transformation {
    const when = definition?.(scope) ?? null;
    const isMeant = (value: unknown) => when === null || when({ property: value });
    return {
      apply(record) {
        for (const path of pointers) removeAt(record, path, isMeant);
      },
    };
  },
});
