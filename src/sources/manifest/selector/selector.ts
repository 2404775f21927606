import type { JsonObject } from "#core/json";
import { createFamily } from "#sources/manifest/family";
import type { Transformation } from "#sources/manifest/transformation/transformation";
import type { TemplateContext } from "#sources/manifest/template/template";

export interface Selection {
  /** Those that the filter kept, transformed. */
  readonly records: readonly Record<string, unknown>[];
  /** Found in the answer that are no objects: counted as failed, not stored. */
  readonly misfits: readonly unknown[];
  /** Found before any filter. */
  readonly extractedCount: number;
  /** @see Extraction */
  readonly isConclusive: boolean;
}

export interface SelectionTerms {
  readonly transformations: readonly Transformation[];
  /** For a selector that casts values to the types of the stream's schema. */
  readonly schema: JsonObject | null;
  /** Where the manifest leaves it open. */
  readonly transformsFirst: boolean;
}

export type IsWanted = (record: Record<string, unknown>) => boolean;

/** Finds a stream's records in the documents of an answer, filters and transforms them. */
export interface Selector {
  /** @param isWanted beyond the manifest's own filter: is the record one that this read is about? */
  select(documents: readonly unknown[], context: TemplateContext, isWanted: IsWanted): Selection;
  /** The same for records that were found in another way. */
  sift(records: readonly unknown[], context: TemplateContext, isWanted: IsWanted): Selection;
}

/** The stream's own parts are given when a selector is built, since the manifest has them beside it, not in it. */
export const selector = createFamily<(terms: SelectionTerms) => Selector>("a record selector");
