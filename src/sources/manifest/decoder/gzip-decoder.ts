import { Gunzip } from "fflate";
import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import { crc32 } from "./crc32.ts";
import { decoder, type Decoder } from "./decoder.ts";
import { broken, Decompressed, inPieces } from "./decompressed.ts";

/** Decompresses what another decoder reads. Bytes that are not gzip, because they were decompressed on the way, pass. */
export const gzipDecoder = defineComponent({
  type: "GzipDecoder",
  fields: z.object({ decoder: decoder.schema }),
  build(fields, scope): Decoder {
    const inner = fields.decoder(scope);
    return { decode: async ({ bytes, ...response }) => inner.decode({ ...response, bytes: gunzipped(bytes) }) };
  },
});

/** Each member of a gzip ends with a checksum and the length of what it stands for (RFC 1952, section 2.3.1). */
const TRAILER_BYTES = 8;

/** Bytes that do not begin as gzip does stay as they are. */
export function gunzipped(bytes: Uint8Array): Uint8Array {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const found = new Decompressed();
  let checksum = 0;
  let memberStart = 0;
  /** A member that was cut off or changed on the way would be taken for a shorter one. */
  const endMember = (end: number) => {
    const trailer = new DataView(bytes.buffer, bytes.byteOffset + end - TRAILER_BYTES, TRAILER_BYTES);
    const length = (found.length - memberStart) >>> 0;
    if (trailer.getUint32(0, true) !== checksum || trailer.getUint32(4, true) !== length) throw broken("gzip");
    checksum = 0;
    memberStart = found.length;
  };
  const gunzip = new Gunzip((chunk) => {
    checksum = crc32(chunk, checksum);
    found.add(chunk);
  });
  gunzip.onmember = endMember;
  inPieces(bytes, "gzip", (piece, isLast) => gunzip.push(piece, isLast));
  if (bytes.byteLength < TRAILER_BYTES) throw broken("gzip");
  endMember(bytes.byteLength);
  return found.bytes();
}
