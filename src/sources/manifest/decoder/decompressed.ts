import { SourceFailure } from "#sources/source";

/** What an archive may come to: a small one can stand for gigabytes, and an isolate has 128 MB. */
const MAX_DECOMPRESSED_BYTES = 64_000_000;

/** Compressed bytes to decompress at a time, so that a bomb is noticed before it goes off. */
const CHUNK_BYTES = 16_384;

/** Gathers what is decompressed, as long as it is no more than there is memory for. */
export class Decompressed {
  readonly #chunks: Uint8Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Throws a SourceFailure where it becomes too much. */
  add(chunk: Uint8Array): void {
    this.#length += chunk.byteLength;
    if (this.#length > MAX_DECOMPRESSED_BYTES) {
      throw new SourceFailure({
        kind: "bad_response",
        message: `The answer has more than ${MAX_DECOMPRESSED_BYTES / 1_000_000} MB when it is decompressed. Ask for less at a time.`,
        final: true,
      });
    }
    this.#chunks.push(chunk);
  }

  /** All of it from a place on. */
  bytes(from = 0): Uint8Array {
    const all = new Uint8Array(this.#length);
    let at = 0;
    for (const chunk of this.#chunks) {
      all.set(chunk, at);
      at += chunk.byteLength;
    }
    return all.subarray(from);
  }
}

/** Hands bytes on in small pieces; what is wrong with them is a failure of kind `bad_response`. */
export function inPieces(bytes: Uint8Array, format: string, push: (piece: Uint8Array, isLast: boolean) => void): void {
  try {
    for (let at = 0; at < bytes.byteLength; at += CHUNK_BYTES) {
      push(bytes.subarray(at, at + CHUNK_BYTES), at + CHUNK_BYTES >= bytes.byteLength);
    }
  } catch (error) {
    throw error instanceof SourceFailure ? error : broken(format);
  }
}

export function broken(format: string): SourceFailure {
  return new SourceFailure({ kind: "bad_response", message: `The answer's ${format} is broken or cut off.` });
}
