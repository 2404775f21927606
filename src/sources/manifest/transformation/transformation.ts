import type { TemplateContext } from "#sources/manifest/template/template";
import { createFamily } from "#sources/manifest/family";

/** Changes a record in place. */
export interface Transformation {
  /** `context` has `stream_slice` and its aliases; the record is added by the transformation. */
  apply(record: Record<string, unknown>, context: TemplateContext): void;
}

export const transformation = createFamily<Transformation>("a transformation");
