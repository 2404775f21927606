import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import { optionalCondition } from "#sources/manifest/condition";
import { setAt } from "#sources/manifest/record/path";
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
    const fields = definition.fields.map(({ path, value, value_type: type }) => ({ path, value: value(scope), type }));
    const when = definition.condition?.(scope) ?? null;
    return {
      apply(record, context) {
        for (const { path, value, type } of fields) {
          const occasion = { ...context, record };
          const added = typed(type ?? null, value.value(occasion), () => value.text(occasion));
          if (when === null || when({ ...occasion, value: added, path }))
            setAt(record, path, added);
        }
      },
    };
  },
});

type ValueType = z.infer<typeof field>["value_type"];

function typed(type: NonNullable<ValueType> | null, value: unknown, asText: () => string): unknown {
  switch (type) {
    case null:
      return value;
    case "string":
      return typeof value === "string" ? value : asText();
    case "number":
      return typeof value === "number" && !Number.isInteger(value) ? value : asText();
    case "integer":
      return typeof value === "number" && Number.isInteger(value) ? value : asText();
    case "boolean":
      return typeof value === "boolean" ? value : asText();
  }
}
