import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import { removeAt, soleValueAt, valueAt } from "#sources/manifest/record/path";
import { isRecord, replaceFields, setField } from "#sources/manifest/record/record";
import { text } from "#sources/manifest/text";
import type { Transformation } from "./transformation.ts";

export const dpathFlattenFields = defineComponent({
  type: "DpathFlattenFields",
  fields: z.object({
    field_path: z.array(text),
    delete_origin_value: z.boolean().nullish(),
    replace_record: z.boolean().nullish(),
    key_transformation: z.object({ prefix: text.nullish(), suffix: text.nullish() }).nullish(),
  }),
  build(fields, scope): Transformation {
    const path = fields.field_path.map((part) => part(scope).text());
    const prefix = fields.key_transformation?.prefix?.(scope).text() ?? "";
    const suffix = fields.key_transformation?.suffix?.(scope).text() ?? "";
    return {
      apply(record) {
        const found = path.includes("*") ? valueAt(record, path) : soleValueAt(record, path);
        if (!isRecord(found)) return;
        const extracted = Object.entries(found).map(([key, value]): [string, unknown] => [
          `${prefix}${key}${suffix}`,
          value,
        ]);
        if (fields.replace_record === true && extracted.length > 0) {
          replaceFields(record, extracted);
          return;
        }
        // A field that is there already is not lost for one that has its name.
        if (extracted.some(([key]) => Object.hasOwn(record, key))) return;
        if (fields.delete_origin_value === true) removeAt(record, path);
        for (const [key, value] of extracted) setField(record, key, value);
      },
    };
  },
});
