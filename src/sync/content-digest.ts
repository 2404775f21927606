import { createHash } from "node:crypto";

/**
 * Identifies an entity by its content, for streams without a primary key. SHA-256, because two contents with one
 * digest would be one entity; synchronous, because pages are applied inside a synchronous transaction.
 */
export function contentDigest(canonical: string): string {
  return createHash("sha256").update(canonical).digest("hex");
}
