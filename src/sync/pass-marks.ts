import { chunkOf, clearBit, emptyChunk, hasBit, setBit } from "#core/bitmap";
import type { Copy } from "./copy.ts";

/** Which entities of a stream the pass has seen, over the chunks that are stored with each page. */
export class PassMarks {
  readonly #copy: Copy;
  readonly #stream: number;
  readonly #loaded = new Map<number, Uint8Array>();
  readonly #changed = new Set<number>();

  constructor(copy: Copy, stream: number) {
    this.#copy = copy;
    this.#stream = stream;
  }

  has(number: number): boolean {
    return hasBit(this.#chunk(chunkOf(number)), number);
  }

  /** @returns whether it was not marked before */
  mark(number: number): boolean {
    const index = chunkOf(number);
    const chunk = this.#chunk(index);
    if (hasBit(chunk, number)) return false;
    setBit(chunk, number);
    this.#changed.add(index);
    return true;
  }

  /** @returns whether it was marked before */
  unmark(number: number): boolean {
    const index = chunkOf(number);
    const chunk = this.#chunk(index);
    if (!hasBit(chunk, number)) return false;
    clearBit(chunk, number);
    this.#changed.add(index);
    return true;
  }

  /** Writes the chunks that changed: usually one, whatever the size of the page. */
  save(): void {
    for (const index of this.#changed) this.#copy.saveMarks(this.#stream, index, this.#chunk(index));
    this.#changed.clear();
  }

  #chunk(index: number): Uint8Array {
    const loaded = this.#loaded.get(index);
    if (loaded !== undefined) return loaded;
    const chunk = this.#copy.marks(this.#stream, index) ?? emptyChunk();
    this.#loaded.set(index, chunk);
    return chunk;
  }
}
