import { SourceFailure } from "./source.ts";

/** A response was cut off because it is too large to hold in memory: ask for less at once. */
export class ResponseTooLarge extends SourceFailure {
  constructor(label: string, maxBytes: number) {
    super({
      kind: "bad_response",
      message: `${label} answered with more than ${maxBytes} bytes, the most that is read at once. Ask for fewer records a page, or raise MAX_RESPONSE_BYTES.`,
    });
  }
}

/**
 * Reads a body as long as it stays within `maxBytes`. What is beyond is not read: `whole` is false, and the
 * connection is given up. `onBytes` hears of every chunk. Rejects when the connection breaks. Where `stop` aborts, the
 * connection is given up too, and what has come is the answer.
 */
export async function readBody(
  response: Response,
  maxBytes: number,
  onBytes: (count: number) => void,
  stop?: AbortSignal,
): Promise<{ readonly bytes: Uint8Array; readonly whole: boolean }> {
  if (response.body === null) return { bytes: new Uint8Array(), whole: true };
  // What is read in one go can't be given up.
  if (stop === undefined && declaredLength(response.headers) <= maxBytes) {
    const bytes = new Uint8Array(await response.arrayBuffer());
    onBytes(bytes.length);
    return { bytes, whole: true };
  }
  const reader = response.body.getReader();
  stop?.addEventListener("abort", () => abandon(reader));
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    const chunk: Uint8Array = next.value;
    onBytes(chunk.length);
    if (length + chunk.length > maxBytes) {
      chunks.push(chunk.subarray(0, maxBytes - length));
      abandon(reader);
      return { bytes: join(chunks, maxBytes), whole: false };
    }
    chunks.push(chunk);
    length += chunk.length;
  }
  return { bytes: join(chunks, length), whole: true };
}

/**
 * What the source says that the body takes up, which HTTP holds it to: then it can be read in one go, several times as
 * fast. Infinity where it does not say, or where the bytes are to be decompressed and may become any number.
 */
function declaredLength(headers: Headers): number {
  const declared = headers.get("content-length");
  const isPlain = (headers.get("content-encoding") ?? "identity") === "identity";
  return declared !== null && /^\d{1,15}$/.test(declared) && isPlain ? Number(declared) : Number.POSITIVE_INFINITY;
}

/** Gives up on a body that nobody will read, so that its connection is free for others. */
export function abandon(body: { cancel(): Promise<void> } | null): void {
  body?.cancel().catch(() => {
    // It broke before it could be given up, which comes to the same.
  });
}

/** Decodes UTF-8. Throws TypeError where the bytes are not UTF-8, rather than guess: a copy has to be exact. */
export function decodeText(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
}

function join(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const [only] = chunks;
  if (chunks.length === 1 && only !== undefined) return only;
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}
