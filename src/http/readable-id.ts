const ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789";
/** Leaves room for the suffix in the 100 characters that a readable id may have. */
const MAX_SLUG_LENGTH = 80;

/** Characters of randomness at the end of a readable id. */
export const SUFFIX_LENGTH = 6;

/** Makes a collection's readable id from its name and `SUFFIX_LENGTH` random bytes: “Café data” → `cafe-data-k3x9q2`. */
export function readableIdFrom(name: string, bytes: Uint8Array): string {
  const slug = name
    .normalize("NFKD")
    .replaceAll(/\p{Mark}/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, MAX_SLUG_LENGTH)
    .replaceAll(/^-+|-+$/g, "");
  // 256 is not a multiple of 36; the slight preference for some characters does not matter for a suffix.
  const suffix = Array.from(bytes, (byte) => ALPHABET.charAt(byte % ALPHABET.length)).join("");
  return slug === "" ? `collection-${suffix}` : `${slug}-${suffix}`;
}
