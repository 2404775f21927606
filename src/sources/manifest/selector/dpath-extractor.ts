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
    const place = beforePatterns(path);
    return {
      extract(documents) {
        const records: unknown[] = [];
        let isConclusive = true;
        for (const document of documents) {
          isConclusive &&= hasPlace(document, place);
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

/** What patterns leave open may be empty: what comes before them has to be there. */
function beforePatterns(path: Path): Path {
  const first = path.findIndex(isGlob);
  return first === -1 ? path : path.slice(0, first);
}

/** Is there something that can hold records? Null is what some servers write for an empty list, but not as a whole body. */
function hasPlace(document: unknown, place: Path): boolean {
  if (place.length > 0) return placesAt(document, place).some(({ value }) => value === null || isHolder(value));
  // A body with nothing in it is decoded to an empty object.
  return isHolder(document) && (Array.isArray(document) || !isEmpty(document));
}

/** Of thousands of records each is asked: a list of its keys would be made for nothing. */
function isEmpty(value: object): boolean {
  for (const key in value) if (Object.hasOwn(value, key)) return false;
  return true;
}

function isHolder(value: unknown): value is object {
  return typeof value === "object" && value !== null && !JSON.isRawJSON(value);
}

/** A list is its items; nothing, also in the forms in which Python has it, is no record. */
function listed(found: unknown): readonly unknown[] {
  if (Array.isArray(found)) return found;
  if (found === undefined || found === null || found === false || found === 0 || found === "") return [];
  return typeof found === "object" && !JSON.isRawJSON(found) && isEmpty(found) ? [] : [found];
}
