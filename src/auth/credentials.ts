import { z } from "zod";

import { isJsonObject, type JsonObject } from "#core/json";

/** A key that seals: its id goes into the envelope, so that older seals still open after a rotation. */
export interface SealingKey {
  readonly id: string;
  /** 32 bytes in base64. */
  readonly secret: string;
}

export const sealedSchema = z.object({
  /** Which key wraps the data key. */
  keyId: z.string(),
  wrapIv: z.string(),
  wrappedKey: z.string(),
  iv: z.string(),
  ciphertext: z.string(),
});
/** Credentials at rest: AES-256-GCM under a key of their own, which is wrapped by a key of the Worker. Base64 fields. */
export type Sealed = z.infer<typeof sealedSchema>;

/** Raised when no key of the Worker opens what is stored. Names the key, never its value. */
export class CannotOpen extends Error {
  override readonly name = "CannotOpen";
}

const AES = "AES-GCM";
/** The nonce size that AES-GCM is defined for (NIST SP 800-38D). */
const IV_BYTES = 12;

/** Seals credentials for one connection: they open with that connection's id only. */
export async function sealCredentials(
  keys: readonly SealingKey[],
  connectionId: string,
  credentials: JsonObject,
): Promise<Sealed> {
  const [newest] = keys;
  if (newest === undefined) throw new CannotOpen("There is no encryption key. Set SLUICE_ENCRYPTION_KEYS.");
  const dataKey = crypto.getRandomValues(new Uint8Array(32));
  const [wrapIv, iv] = [randomIv(), randomIv()];
  const wrapped = await encrypt(await importKey(Uint8Array.fromBase64(newest.secret)), wrapIv, connectionId, dataKey);
  const plaintext = new TextEncoder().encode(JSON.stringify(credentials));
  const ciphertext = await encrypt(await importKey(dataKey), iv, connectionId, plaintext);
  return {
    keyId: newest.id,
    wrapIv: wrapIv.toBase64(),
    wrappedKey: wrapped.toBase64(),
    iv: iv.toBase64(),
    ciphertext: ciphertext.toBase64(),
  };
}

/** Opens what `sealCredentials` sealed for this connection. Throws CannotOpen. */
export async function openCredentials(
  keys: readonly SealingKey[],
  connectionId: string,
  sealed: Sealed,
): Promise<JsonObject> {
  const key = keys.find(({ id }) => id === sealed.keyId);
  if (key === undefined) {
    throw new CannotOpen(
      `The credentials are sealed with key "${sealed.keyId}", which SLUICE_ENCRYPTION_KEYS does not have. Put it back, or replace the credentials.`,
    );
  }
  try {
    const dataKey = await decrypt(key.secret, sealed.wrapIv, connectionId, sealed.wrappedKey);
    const plaintext = await decrypt(dataKey.toBase64(), sealed.iv, connectionId, sealed.ciphertext);
    const credentials: unknown = JSON.parse(new TextDecoder().decode(plaintext));
    if (isJsonObject(credentials)) return credentials;
  } catch {
    // What WebCrypto throws says nothing that helps, and must not say more.
  }
  throw new CannotOpen(`The credentials do not open with key "${key.id}". Replace the credentials.`);
}

/** Is this sealed with another key than the newest? */
function isSealedWithOldKey(keys: readonly SealingKey[], sealed: Sealed): boolean {
  return keys[0]?.id !== sealed.keyId;
}

/** The same, sealed with the newest key; null where it is already. Throws CannotOpen. */
export async function resealed(keys: readonly SealingKey[], boundTo: string, sealed: Sealed): Promise<Sealed | null> {
  if (!isSealedWithOldKey(keys, sealed)) return null;
  return sealCredentials(keys, boundTo, await openCredentials(keys, boundTo, sealed));
}

function randomIv(): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(IV_BYTES));
}

function importKey(secret: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", secret, AES, false, ["encrypt", "decrypt"]);
}

async function encrypt(key: CryptoKey, iv: Uint8Array, boundTo: string, plaintext: Uint8Array) {
  const additionalData = new TextEncoder().encode(boundTo);
  return new Uint8Array(await crypto.subtle.encrypt({ name: AES, iv, additionalData }, key, plaintext));
}

async function decrypt(secret: string, iv: string, boundTo: string, ciphertext: string) {
  const key = await importKey(Uint8Array.fromBase64(secret));
  const algorithm = {
    name: AES,
    iv: Uint8Array.fromBase64(iv),
    additionalData: new TextEncoder().encode(boundTo),
  };
  return new Uint8Array(await crypto.subtle.decrypt(algorithm, key, Uint8Array.fromBase64(ciphertext)));
}
