import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import { optionalCondition } from "#sources/manifest/condition";
import { setAt } from "#sources/manifest/record/path";
import { copyOf } from "#sources/manifest/record/record";
import type { ValueType } from "#sources/manifest/template/template";
import { text } from "#sources/manifest/text";
import type { Transformation } from "./transformation.ts";

const field = z.object({
  path: z.array(z.union([z.string(), z.int()]).transform(String)).min(1),
  value: text,
  /** Keeps a value of another type as the text that it was. */
  value_type: z.enum(["string", "number", "integer", "boolean"]).nullish(),
});

export const addFields = defineComponent({
  type: "AddFields",
  fields: z.object({ fields: z.array(field), condition: optionalCondition }),
  build(definition, scope): Transformation {
    const fields = definition.fields.map(({ path, value, value_type: type }) => ({
      path,
      value: value(scope),
      type: type ?? null,
    }));
    const when = definition.condition?.(scope) ?? null;
    return {
      apply(record, context) {
        for (const { path, value, type } of fields) {
          const occasion = { ...context, record };
          const added = value.value(occasion, type === null ? {} : { validTypes: TYPES[type] });
          // A copy, else what the record has elsewhere could become part of itself.
          if (when === null || when({ ...occasion, value: added, path })) setAt(record, path, copyOf(added));
        }
      },
    };
  },
});

/** The Python type that a value must have, or it stays text. */
const TYPES = {
  string: ["str"],
  number: ["float"],
  integer: ["int"],
  boolean: ["bool"],
} as const satisfies Record<string, readonly ValueType[]>;
