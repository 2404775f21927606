/**
 * A set of small whole numbers, packed: one bit each. Kept in chunks so that a page touches few of them.
 *
 * A million entities seen in a pass take 125 kB, in 16 rows, where a row each would be a million rows written.
 */

/** Numbers in one chunk: 8 kB, which a page of entities in their usual order falls into whole. */
export const CHUNK_BITS = 65_536;

export function chunkOf(number: number): number {
  return Math.floor(number / CHUNK_BITS);
}

export function emptyChunk(): Uint8Array {
  return new Uint8Array(CHUNK_BITS / 8);
}

export function hasBit(chunk: Uint8Array, number: number): boolean {
  const bit = number % CHUNK_BITS;
  return ((chunk[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0;
}

export function setBit(chunk: Uint8Array, number: number): void {
  const bit = number % CHUNK_BITS;
  chunk[bit >> 3] = (chunk[bit >> 3] ?? 0) | (1 << (bit & 7));
}

export function clearBit(chunk: Uint8Array, number: number): void {
  const bit = number % CHUNK_BITS;
  chunk[bit >> 3] = (chunk[bit >> 3] ?? 0) & ~(1 << (bit & 7));
}
