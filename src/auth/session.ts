import { z } from "zod";

import { ROOT_ACTOR, type Actor } from "./actor.ts";
import { hashApiKey, isSameKey } from "./api-key.ts";
import type { IssuedKey } from "./authenticate.ts";
import type { SealingKey } from "./credentials.ts";

/** A working week, so that whoever comes daily signs in once. */
export const SESSION_SECONDS = 7 * 86_400;

const statementSchema = z.object({
  /** SHA-256 of the key that was signed in with, hexadecimal. The key itself is kept nowhere. */
  keyHash: z.string(),
  /** Epoch milliseconds. */
  expiresAt: z.number(),
});
/** What a session says: which key signed in, and how long that counts. */
export type Session = z.infer<typeof statementSchema>;

const AES = "AES-GCM";
const IV_BYTES = 12;
/** Binds the derived key to its purpose: what credentials are sealed with opens no session, and the reverse. */
const PURPOSE = new TextEncoder().encode("sluice dashboard session v1");

/** A token that only this Worker can make or read: the id of a key, a dot, and the sealed statement. */
export async function sealSession(keys: readonly SealingKey[], session: Session): Promise<string> {
  const [newest] = keys;
  if (newest === undefined) throw new Error("There is no encryption key.");
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const plaintext = new TextEncoder().encode(JSON.stringify(session));
  const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: AES, iv }, await derive(newest), plaintext));
  const bytes = new Uint8Array(iv.length + sealed.length);
  bytes.set(iv);
  bytes.set(sealed, iv.length);
  return `${newest.id}.${bytes.toBase64({ alphabet: "base64url", omitPadding: true })}`;
}

/** What a token says at `now` (epoch milliseconds); null for one that is over, or that this Worker did not make. */
export async function openSession(keys: readonly SealingKey[], token: string, now: number): Promise<Session | null> {
  const [id, text] = token.split(".");
  const key = keys.find((each) => each.id === id);
  if (key === undefined || text === undefined) return null;
  try {
    const bytes = Uint8Array.fromBase64(text, { alphabet: "base64url" });
    const algorithm = { name: AES, iv: bytes.slice(0, IV_BYTES) };
    const plaintext = await crypto.subtle.decrypt(algorithm, await derive(key), bytes.slice(IV_BYTES));
    const session = statementSchema.parse(JSON.parse(new TextDecoder().decode(plaintext)));
    return session.expiresAt > now ? session : null;
  } catch {
    // Not ours, or not any more: whoever sent it signs in again.
    return null;
  }
}

export interface SessionDeps {
  readonly rootKey: string;
  readonly findKey: (hash: string) => Promise<IssuedKey | null>;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Whose session it is; null once the key that signed in was revoked, has expired, or is the root key no more. */
export async function actorOf({ keyHash }: Session, { rootKey, findKey, now }: SessionDeps): Promise<Actor | null> {
  if (await isSameKey(keyHash, await hashApiKey(rootKey))) return ROOT_ACTOR;
  const key = await findKey(keyHash);
  if (key === null || (key.expiresAt !== null && key.expiresAt <= now)) return null;
  return { kind: "key", keyId: key.id, organizationId: key.organizationId };
}

async function derive({ secret }: SealingKey): Promise<CryptoKey> {
  const master = await crypto.subtle.importKey("raw", Uint8Array.fromBase64(secret), "HKDF", false, ["deriveKey"]);
  const algorithm = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(32), info: PURPOSE };
  return crypto.subtle.deriveKey(algorithm, master, { name: AES, length: 256 }, false, ["encrypt", "decrypt"]);
}
