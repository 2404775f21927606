import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import { isGlob } from "#sources/manifest/record/glob";
import { placesAt, soleValueAt, type Path } from "#sources/manifest/record/path";
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
        let isConclusive = true;
        for (const document of documents) {
          isConclusive &&= hasPlace(document, path);
          const values = hasWildcard
            ? placesAt(document, path).map(({ value }) => value)
            : listed(path.length === 0 ? document : soleValueAt(document, path));
          for (const value of values) {
            if (expand === null) records.push(value);
            else records.push(...expand.expand(value));
          }
        }
        return { records, dropped: 0, isConclusive };
      },
    };
  },
});

/**
 * Is there something that can hold records? Null is what some servers write for an empty list, but not as a whole body.
 * Where the path has patterns, what they leave open may be empty.
 */
function hasPlace(document: unknown, path: Path): boolean {
  const firstPattern = path.findIndex(isGlob);
  const fixed = firstPattern === -1 ? path : path.slice(0, firstPattern);
  if (fixed.length > 0) return placesAt(document, fixed).some(({ value }) => value === null || isHolder(value));
  // A body with nothing in it is decoded to an empty object.
  return isHolder(document) && (Array.isArray(document) || Object.keys(document).length > 0);
}

function isHolder(value: unknown): value is object {
  return typeof value === "object" && value !== null && !JSON.isRawJSON(value);
}

/** A list is its items; nothing, also in the forms in which Python has it, is no record. */
function listed(found: unknown): readonly unknown[] {
  if (Array.isArray(found)) return found;
  if (found === undefined || found === null || found === false || found === 0 || found === "") return [];
  return typeof found === "object" && !JSON.isRawJSON(found) && Object.keys(found).length === 0 ? [] : [found];
}
