import { openCredentials, sealCredentials, resealed, type Sealed, type SealingKey } from "#auth/credentials";

/** Tells a signing secret from any other string, for people, libraries and secret scanners (Standard Webhooks). */
const SECRET_PREFIX = "whsec_";

/** Bytes of a new secret; Standard Webhooks wants 24 to 64. */
const SECRET_BYTES = 32;

const HMAC = { name: "HMAC", hash: "SHA-256" } as const;

/** Opened keys that are kept: far more than an organization has subscriptions. */
const KEPT_KEYS = 500;

export function newSecret(): string {
  return SECRET_PREFIX + crypto.getRandomValues(new Uint8Array(SECRET_BYTES)).toBase64();
}

/** Seals the signing secrets of subscriptions, and signs with them. An opened secret stays in memory as a key only. */
export class Signing {
  readonly #sealingKeys: readonly SealingKey[];
  /** By their sealed form, which no two secrets share. */
  readonly #keys = new Map<string, CryptoKey>();

  constructor(sealingKeys: readonly SealingKey[]) {
    this.#sealingKeys = sealingKeys;
  }

  seal(subscriptionId: string, secret: string): Promise<Sealed> {
    return sealCredentials(this.#sealingKeys, subscriptionId, { secret });
  }

  /** Throws CannotOpen. */
  async open(subscriptionId: string, sealed: Sealed): Promise<string> {
    const { secret } = await openCredentials(this.#sealingKeys, subscriptionId, sealed);
    if (typeof secret !== "string") throw new TypeError("What was opened is no signing secret.");
    return secret;
  }

  /** The secret sealed with the newest key; null where it is already. Throws CannotOpen. */
  reseal(subscriptionId: string, sealed: Sealed): Promise<Sealed | null> {
    return resealed(this.#sealingKeys, subscriptionId, sealed);
  }

  /** One signature for each secret, as the header `webhook-signature` lists them. Throws CannotOpen. */
  async sign(subscriptionId: string, secrets: readonly Sealed[], content: string): Promise<string> {
    const bytes = new TextEncoder().encode(content);
    const signatures = await Promise.all(
      secrets.map(async (sealed) => {
        const signature = await crypto.subtle.sign(HMAC, await this.#key(subscriptionId, sealed), bytes);
        return `v1,${new Uint8Array(signature).toBase64()}`;
      }),
    );
    return signatures.join(" ");
  }

  async #key(subscriptionId: string, sealed: Sealed): Promise<CryptoKey> {
    const known = this.#keys.get(sealed.ciphertext);
    if (known !== undefined) return known;
    const secret = await this.open(subscriptionId, sealed);
    const bytes = Uint8Array.fromBase64(secret.slice(SECRET_PREFIX.length));
    const key = await crypto.subtle.importKey("raw", bytes, HMAC, false, ["sign"]);
    if (this.#keys.size >= KEPT_KEYS) this.#keys.clear();
    this.#keys.set(sealed.ciphertext, key);
    return key;
  }
}
