import { createHash, createHmac } from "node:crypto";

const ALGORITHMS: ReadonlySet<string> = new Set(["md5", "sha1", "sha224", "sha256", "sha384", "sha512"]);

/** The hash of some texts after each other, in hexadecimal digits; undefined for an algorithm that is not known here. */
export function digest(algorithm: string, texts: readonly string[]): string | undefined {
  if (!ALGORITHMS.has(algorithm)) return undefined;
  const hash = createHash(algorithm);
  for (const text of texts) hash.update(text, "utf8");
  return hash.digest("hex");
}

/** HMAC with SHA-256, in hexadecimal digits. */
export function hmacSha256(key: string, text: string): string {
  return createHmac("sha256", key).update(text, "utf8").digest("hex");
}

/** The algorithms, for messages. */
export const DIGESTS = [...ALGORITHMS].join(", ");
