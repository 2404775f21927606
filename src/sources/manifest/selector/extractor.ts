import type { Decoder } from "#sources/manifest/decoder/decoder";
import { createFamily } from "#sources/manifest/family";

/** Finds the records in decoded documents. */
export interface Extractor {
  /** How it wants bodies to be read, where that is not the retriever's matter. */
  readonly decoder?: Decoder;
  /** @param onDropped called for each entry that is left out, and counts towards the size of a page all the same */
  extract(documents: readonly unknown[], onDropped?: () => void): unknown[];
}

export const extractor = createFamily<Extractor>("an extractor");
