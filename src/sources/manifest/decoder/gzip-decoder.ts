import { Gunzip } from "fflate";
import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import { SourceFailure } from "#sources/source";
import { decoder, type Decoder } from "./decoder.ts";
import { MAX_DECOMPRESSED_BYTES, tooLarge } from "./decompressed.ts";

/** Decompresses at a time, so that a bomb is noticed before it goes off. */
const CHUNK_BYTES = 65_536;

/** Decompresses what another decoder reads. Bytes that are not gzip, because they were decompressed on the way, pass. */
export const gzipDecoder = defineComponent({
  type: "GzipDecoder",
  fields: z.object({ decoder: decoder.schema }),
  build(fields, scope): Decoder {
    const inner = fields.decoder(scope);
    return { decode: ({ bytes, ...response }) => inner.decode({ ...response, bytes: gunzipped(bytes) }) };
  },
});

export function gunzipped(bytes: Uint8Array): Uint8Array {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const chunks: Uint8Array[] = [];
  let length = 0;
  const gunzip = new Gunzip((chunk) => {
    length += chunk.byteLength;
    if (length > MAX_DECOMPRESSED_BYTES) throw tooLarge();
    chunks.push(chunk);
  });
  try {
    for (let at = 0; at < bytes.byteLength; at += CHUNK_BYTES) {
      gunzip.push(bytes.subarray(at, at + CHUNK_BYTES), at + CHUNK_BYTES >= bytes.byteLength);
    }
  } catch (error) {
    if (error instanceof SourceFailure) throw error;
    throw new SourceFailure({ kind: "bad_response", message: "The answer's gzip is broken or cut off." });
  }
  const all = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    all.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return all;
}
