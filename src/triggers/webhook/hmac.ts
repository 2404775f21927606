export type HmacAlgorithm = "sha1" | "sha256" | "sha512";

const HASH: Record<HmacAlgorithm, string> = { sha1: "SHA-1", sha256: "SHA-256", sha512: "SHA-512" };

export interface Signed {
  readonly algorithm: HmacAlgorithm;
  /** Any of them may have made any of the signatures: that is how secrets are changed without a gap. */
  readonly keys: readonly Uint8Array<ArrayBuffer>[];
  readonly signatures: readonly Uint8Array<ArrayBuffer>[];
  readonly content: Uint8Array<ArrayBuffer>;
}

/** Did one of the keys make one of the signatures? WebCrypto compares in constant time. */
export async function isSigned({ algorithm, keys, signatures, content }: Signed): Promise<boolean> {
  let isMatch = false;
  for (const secret of keys) {
    const parameters = { name: "HMAC", hash: HASH[algorithm] };
    const key = await crypto.subtle.importKey("raw", secret, parameters, false, ["verify"]);
    for (const signature of signatures) {
      // No early end: how long it takes must not say which of the secrets it was.
      if (await crypto.subtle.verify("HMAC", key, signature, content)) isMatch = true;
    }
  }
  return isMatch;
}

export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new TextEncoder().encode(text));
}

/** Puts a text before a body, as schemes do that sign a timestamp along. */
export function prefixed(prefix: string, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const head = bytesOf(prefix);
  const whole = new Uint8Array(head.byteLength + body.byteLength);
  whole.set(head);
  whole.set(body, head.byteLength);
  return whole;
}

/** The bytes that hexadecimal digits spell, in either case; null where they spell none. */
export function fromHex(text: string): Uint8Array<ArrayBuffer> | null {
  return /^(?:[0-9a-f]{2})+$/i.test(text) ? Uint8Array.fromHex(text) : null;
}

/** The bytes that base64 or base64url spells, padded or not; null where it spells none. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return null;
  try {
    return Uint8Array.fromBase64(text.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    return null;
  }
}
