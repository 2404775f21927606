import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import { isRecord, replaceFields, type MutableRecord } from "#sources/manifest/record/record";
import { text } from "#sources/manifest/text";
import type { Transformation } from "./transformation.ts";

export const keysReplace = defineComponent({
  type: "KeysReplace",
  fields: z.object({ old: text, new: text }),
  build(fields, scope): Transformation {
    const old = fields.old(scope);
    const replacement = fields.new(scope);
    return {
      apply(record, context) {
        const occasion = { ...context, record };
        replaceFields(record, renamed(record, old.text(occasion), replacement.text(occasion)));
      },
    };
  },
});

/** Objects in objects too, but none in lists. */
function renamed(record: MutableRecord, old: string, replacement: string): [string, unknown][] {
  return Object.entries(record).map(([key, value]) => [
    key.replaceAll(old, () => replacement),
    isRecord(value) ? Object.fromEntries(renamed(value, old, replacement)) : value,
  ]);
}
