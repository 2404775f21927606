/** Tells a Sluice key from any other string, for people and for secret scanners. */
const KEY_PREFIX = "slc_";
/** 32 bytes in base64url without padding. */
const KEY_SHAPE = /^slc_[A-Za-z0-9_-]{43}$/;
/** Shown in lists: the prefix and six characters tell keys apart and leave 222 of their 256 bits unknown. */
const SHOWN_LENGTH = 10;

/** Bytes of randomness in a key. */
export const KEY_BYTES = 32;

/** Spells a new key out of `KEY_BYTES` random bytes. */
export function spellApiKey(bytes: Uint8Array): string {
  const base64 = btoa(String.fromCharCode(...bytes));
  return KEY_PREFIX + base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Could this be a key that was issued here? Saves the database a look-up of anything else. */
export function looksLikeApiKey(presented: string): boolean {
  return KEY_SHAPE.test(presented);
}

/** The part of a key that may be stored and shown. */
export function shownPrefix(key: string): string {
  return key.slice(0, SHOWN_LENGTH);
}

/** SHA-256 in hexadecimal. A key has 256 random bits, so a fast hash is enough: there is nothing to guess. */
export async function hashApiKey(key: string): Promise<string> {
  return Array.from(await digest(key), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Compares two keys in a time that does not depend on where they differ, nor on their lengths. */
export async function isSameKey(left: string, right: string): Promise<boolean> {
  const [leftDigest, rightDigest] = await Promise.all([digest(left), digest(right)]);
  let difference = 0;
  for (const [index, byte] of leftDigest.entries()) difference |= byte ^ (rightDigest[index] ?? 0);
  return difference === 0;
}

async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}
