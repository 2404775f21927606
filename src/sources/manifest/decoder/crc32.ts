/** The checksum's polynomial, bits reversed (ISO 3309; RFC 1952, section 8). */
const POLYNOMIAL = 0xedb88320;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit += 1) remainder = (remainder >>> 1) ^ (remainder & 1 ? POLYNOMIAL : 0);
  return remainder;
});

/** CRC-32 of bytes that follow those that had the checksum `before`. */
export function crc32(bytes: Uint8Array, before = 0): number {
  let remainder = ~before;
  // By index: an iterator takes several times as long, and files are large.
  for (let at = 0; at < bytes.length; at += 1) {
    remainder = (remainder >>> 8) ^ (TABLE[(remainder ^ (bytes[at] ?? 0)) & 0xff] ?? 0);
  }
  return ~remainder >>> 0;
}
