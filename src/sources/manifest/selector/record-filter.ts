import type { TemplateContext } from "#sources/manifest/template/template";
import { createFamily } from "#sources/manifest/family";

/** Decides which records belong to the stream. */
export interface RecordFilter {
  /** `context` has the slice and the page token; the record is added by the filter. */
  keeps(record: Record<string, unknown>, context: TemplateContext): boolean;
}

export const recordFilter = createFamily<RecordFilter>("a record filter");
