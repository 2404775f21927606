import { createFamily } from "#sources/manifest/family";

/** Finds the records in decoded documents. */
export interface Extractor {
  extract(documents: readonly unknown[]): unknown[];
}

export const extractor = createFamily<Extractor>("an extractor");
