import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import { placesAt, soleValueAt } from "#sources/manifest/record/path";
import { text } from "#sources/manifest/text";
import type { Extractor } from "./extractor.ts";
import { recordExpander } from "./record-expander.ts";

export const dpathExtractor = defineComponent({
  type: "DpathExtractor",
  fields: z.object({ field_path: z.array(text), record_expander: recordExpander.schema.nullish() }),
  build(fields, scope): Extractor {
    const path = fields.field_path.map((part) => part(scope).text());
    const expand = fields.record_expander?.(scope) ?? null;
    const hasWildcard = path.includes("*");
    return {
      extract(documents) {
        const records: unknown[] = [];
        for (const document of documents) {
          const values = hasWildcard
            ? placesAt(document, path).map(({ value }) => value)
            : listed(path.length === 0 ? document : soleValueAt(document, path));
          for (const value of values) {
            if (expand === null) records.push(value);
            else records.push(...expand.expand(value));
          }
        }
        return records;
      },
    };
  },
});

/** A list is its items; nothing, also in the forms in which Python has it, is no record. */
function listed(found: unknown): readonly unknown[] {
  if (Array.isArray(found)) return found;
  if (found === undefined || found === null || found === false || found === 0 || found === "") return [];
  return typeof found === "object" && !JSON.isRawJSON(found) && Object.keys(found).length === 0 ? [] : [found];
}
