import type { Decoder } from "#sources/manifest/decoder/decoder";
import { createFamily } from "#sources/manifest/family";

/** What was found in decoded documents. */
export interface Extraction {
  readonly records: readonly unknown[];
  /** Entries that are left out, and count towards the size of a page all the same. */
  readonly dropped: number;
  /**
   * Does every document have the place where records are to be? An empty list says that there is none, an answer
   * without the list says nothing.
   */
  readonly isConclusive: boolean;
}

/** Finds the records in decoded documents. */
export interface Extractor {
  /** How it wants bodies to be read, where that is not the retriever's matter. */
  readonly decoder?: Decoder;
  extract(documents: readonly unknown[]): Extraction;
}

export const extractor = createFamily<Extractor>("an extractor");
