import { Refused } from "#core/errors";
import { findJsonFault } from "./json-fault.ts";

/** No request needs more; parsed and checked, a body of this size still takes only milliseconds. */
export const MAX_BODY_BYTES = 1_000_000;
/**
 * How much of a body that is too large is still taken in, and thrown away: a client that is busy sending when the
 * connection closes never reads why.
 */
export const MAX_DISCARDED_BYTES = 16_000_000;

/**
 * Reads a request's body as the text of sound JSON, safe to parse. Refuses with `unsupported_media_type`,
 * `body_too_large` (also while streaming, whatever content-length claims) or `invalid`.
 */
export async function readJsonBody(request: Request, maxBytes = MAX_BODY_BYTES): Promise<string> {
  const mediaType = request.headers.get("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
  if (mediaType !== "application/json") {
    throw new Refused({
      code: "unsupported_media_type",
      message: "Send the body as JSON, with the header `content-type: application/json`.",
    });
  }
  const bytes = await readBody(request, maxBytes);
  if (bytes.byteLength === 0) throw invalid("Field required: the body is empty.", "missing");
  const text = decode(bytes);
  const fault = findJsonFault(text);
  if (fault !== null) {
    throw invalid(`The body is not acceptable JSON: ${fault.problem} (at character ${fault.offset}).`, "json_invalid");
  }
  return text;
}

/** Reads a body as it is. Refuses with `body_too_large`, also while streaming, whatever content-length claims. */
export async function readBody(request: Request, maxBytes = MAX_BODY_BYTES): Promise<Uint8Array<ArrayBuffer>> {
  const declared = request.headers.get("content-length");
  if (declared !== null && /^\d{1,15}$/.test(declared) && Number(declared) > maxBytes) throw tooLarge(maxBytes);
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop early cancels the stream.
  for await (const chunk of request.body ?? []) {
    length += chunk.byteLength;
    if (length > MAX_DISCARDED_BYTES) throw tooLarge(maxBytes);
    if (length <= maxBytes) chunks.push(chunk);
  }
  if (length > maxBytes) throw tooLarge(maxBytes);
  return joined(chunks, length);
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    throw invalid("The body is not valid UTF-8.", "json_invalid");
  }
}

function invalid(msg: string, type: string): Refused {
  return new Refused({ code: "invalid", message: msg, issues: [{ loc: ["body"], msg, type }] });
}

function tooLarge(maxBytes: number): Refused {
  return new Refused({
    code: "body_too_large",
    message: `The body is too large. At most ${maxBytes} bytes are accepted.`,
  });
}
