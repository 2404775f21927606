import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import type { TemplateContext } from "#sources/manifest/template/template";
import { extractor } from "./extractor.ts";
import { recordFilter } from "./record-filter.ts";
import { normalizeBySchema } from "./schema-normalization.ts";
import type { IsWanted, Selection, SelectionTerms, Selector } from "./selector.ts";

export const recordSelector = defineComponent({
  type: "RecordSelector",
  fields: z.object({
    extractor: extractor.schema,
    record_filter: recordFilter.schema.nullish(),
    schema_normalization: z.enum(["None", "Default"]).default("None"),
    transform_before_filtering: z.boolean().nullish(),
  }),
  build(fields, scope) {
    const extract = fields.extractor(scope);
    const filter = fields.record_filter?.(scope) ?? null;
    return (terms: SelectionTerms): Selector => {
      const { transformations, schema } = terms;
      const transformsFirst = fields.transform_before_filtering ?? terms.transformsFirst;
      const castTo = fields.schema_normalization === "Default" ? schema : null;
      const sift = (found: readonly unknown[], context: TemplateContext, isWanted: IsWanted): Selection => {
        const misfits: unknown[] = [];
        const records: Record<string, unknown>[] = [];
        const transform = (record: Record<string, unknown>) => {
          for (const transformation of transformations) transformation.apply(record, context);
        };
        for (const record of found) {
          if (!isRecord(record)) {
            misfits.push(record);
            continue;
          }
          if (transformsFirst) transform(record);
          if (!isWanted(record) || filter?.keeps(record, context) === false) continue;
          if (!transformsFirst) transform(record);
          records.push(castTo === null ? record : normalizeBySchema(record, castTo));
        }
        return { records, misfits, extractedCount: found.length, isConclusive: true };
      };
      return {
        sift,
        select(documents, context, isWanted) {
          const { records, dropped, isConclusive } = extract.extract(documents);
          const selection = sift(records, context, isWanted);
          return { ...selection, extractedCount: selection.extractedCount + dropped, isConclusive };
        },
      };
    };
  },
});

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
