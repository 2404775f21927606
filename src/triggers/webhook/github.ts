import { genuine, mismatched, unsigned, type Delivery, type Verdict } from "./delivery.ts";
import { bytesOf, fromHex, isSigned } from "./hmac.ts";

const HEADER = "x-hub-signature-256";
const PREFIX = "sha256=";

/**
 * GitHub: HMAC-SHA256 of the body, in hexadecimal. It signs no time; a redelivery carries the same delivery id.
 *
 * https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
 */
export async function verifyGitHub({ headers, body }: Delivery, secrets: readonly string[]): Promise<Verdict> {
  const header = headers[HEADER];
  if (header === undefined) return unsigned("X-Hub-Signature-256");
  const signature = header.startsWith(PREFIX) ? fromHex(header.slice(PREFIX.length)) : null;
  const signatures = signature === null ? [] : [signature];
  const isMatch = await isSigned({ algorithm: "sha256", keys: secrets.map(bytesOf), signatures, content: body });
  return isMatch ? genuine(headers["x-github-delivery"]) : mismatched("X-Hub-Signature-256");
}
