import { genuine, malformed, mismatched, unsigned, type Delivery, type Verdict } from "./delivery.ts";
import { fromBase64, isSigned, prefixed } from "./hmac.ts";
import { fromUnixSeconds, untimely } from "./timeliness.ts";

const PREFIX = "whsec_";
/** The names of the specification, and those that Svix used before there was one. */
const NAMES = ["webhook", "svix"] as const;
/** The version that means HMAC-SHA256; signatures of other versions may stand beside it. */
const VERSION = "v1,";

/**
 * Standard Webhooks, which Svix, GitLab's signing tokens and many others follow: HMAC-SHA256 in base64 over
 * `id.timestamp.body` (https://www.standardwebhooks.com).
 */
export async function verifyStandardWebhooks(
  { headers, body }: Delivery,
  secrets: readonly string[],
  now: number,
): Promise<Verdict> {
  const name = NAMES.find((candidate) => headers[`${candidate}-signature`] !== undefined);
  if (name === undefined) return unsigned("webhook-signature");
  const id = headers[`${name}-id`] ?? "";
  const timestamp = headers[`${name}-timestamp`] ?? "";
  const sentAt = fromUnixSeconds(timestamp);
  if (id === "" || sentAt === null) {
    return malformed(`The headers ${name}-id and ${name}-timestamp (Unix seconds) are needed beside the signature.`);
  }
  const signatures = (headers[`${name}-signature`] ?? "")
    .split(" ")
    .filter((signature) => signature.startsWith(VERSION))
    .map((signature) => fromBase64(signature.slice(VERSION.length)))
    .filter((signature) => signature !== null);
  const keys = secrets.map(standardWebhooksKey).filter((key) => key !== null);
  const content = prefixed(`${id}.${timestamp}.`, body);
  if (!(await isSigned({ algorithm: "sha256", keys, signatures, content }))) return mismatched(`${name}-signature`);
  return untimely(sentAt, now) ?? genuine(id);
}

/** The key in a secret: base64, mostly after `whsec_`. Null where it is none. */
function standardWebhooksKey(secret: string): Uint8Array<ArrayBuffer> | null {
  return fromBase64(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret);
}
