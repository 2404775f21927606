import { createPrivateKey } from "node:crypto";

import { CompactSign, importPKCS8 } from "jose";

/** What can be signed with here: RFC 7518 and RFC 8037, but for secp256k1, which the platform does not have. */
export const JWT_ALGORITHMS = [
  "HS256",
  "HS384",
  "HS512",
  "ES256",
  "ES384",
  "ES512",
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "EdDSA",
] as const;
export type JwtAlgorithm = (typeof JWT_ALGORITHMS)[number];

/** The key does not fit the algorithm, can't be read, or its passphrase is wrong. Its message holds nothing of the key. */
export class UnusableKey extends Error {
  override readonly name = "UnusableKey";
}

export interface JwtKey {
  readonly algorithm: JwtAlgorithm;
  /** The text of the shared secret, or a private key in PEM (PKCS #8, PKCS #1 or SEC 1). */
  readonly secret: string;
  /** For a PEM that is encrypted; empty where it is not. */
  readonly passphrase: string;
}

/** Signs a header and a payload as they are; the result is a JWS in compact form. */
export type Sign = (header: { readonly alg: JwtAlgorithm }, payload: string) => Promise<string>;

/** Throws UnusableKey. */
export async function signingWith(key: JwtKey): Promise<Sign> {
  const material = await materialOf(key).catch(() => {
    throw new UnusableKey(
      key.algorithm.startsWith("HS")
        ? `An empty secret signs no ${key.algorithm} token.`
        : `${key.algorithm} needs a private key of its kind in PEM, "-----BEGIN PRIVATE KEY-----" and so on${key.passphrase === "" ? "" : ", and the passphrase that it is encrypted with"}.`,
    );
  });
  return async (header, payload) => {
    try {
      return await new CompactSign(new TextEncoder().encode(payload)).setProtectedHeader(header).sign(material);
    } catch {
      throw new UnusableKey(`The key can't sign ${key.algorithm} tokens: it is too short, or of another kind.`);
    }
  };
}

async function materialOf({ algorithm, secret, passphrase }: JwtKey): Promise<CryptoKey | Uint8Array> {
  if (secret === "") throw new UnusableKey("The key is empty.");
  if (algorithm.startsWith("HS")) return new TextEncoder().encode(secret);
  // Keys often pass through a form with one line, where their line breaks become a backslash and an n.
  const pem = secret.replaceAll(String.raw`\n`, "\n").trim();
  const key = createPrivateKey(passphrase === "" ? { key: pem } : { key: pem, passphrase });
  return importPKCS8(String(key.export({ type: "pkcs8", format: "pem" })), algorithm);
}
