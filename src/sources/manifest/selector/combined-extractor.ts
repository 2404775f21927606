import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import { isTrue } from "#sources/manifest/python/truth";
import { admit } from "#sources/manifest/python/value";
import { extractor, type Extractor } from "./extractor.ts";

/** What several extractors find: all of it, or what the first one finds that finds anything. */
export const combinedExtractor = defineComponent({
  type: "CombinedExtractor",
  fields: z.object({
    extractors: z.array(extractor.schema).min(1),
    mode: z.enum(["union", "first_match"]).default("union"),
    skip_empty_records: z.boolean().nullish(),
  }),
  build(fields, scope): Extractor {
    const extractors = fields.extractors.map((inner) => inner(scope));
    const isKept = (record: unknown) => fields.skip_empty_records !== true || isTrue(admit(record));
    return {
      extract(documents) {
        const records: unknown[] = [];
        let dropped = 0;
        // The places are alternatives, also where all of them are looked at.
        let isConclusive = false;
        for (const inner of extractors) {
          const found = inner.extract(documents);
          isConclusive ||= found.isConclusive;
          const kept = found.records.filter(isKept);
          // Where the first match is asked for, one that finds nothing but empty records is none.
          if (fields.mode === "first_match" && kept.length === 0) continue;
          dropped += found.dropped + found.records.length - kept.length;
          for (const record of kept) records.push(record);
          if (fields.mode === "first_match") break;
        }
        return { records, dropped, isConclusive };
      },
    };
  },
});
