import { genuine, malformed, mismatched, unsigned, type Delivery, type Verdict } from "./delivery.ts";
import { bytesOf, fromHex, isSigned, prefixed } from "./hmac.ts";
import { textField } from "./payload.ts";
import { fromUnixSeconds, untimely } from "./timeliness.ts";

const VERSION = "v0";

/**
 * Slack: HMAC-SHA256 in hexadecimal over `v0:timestamp:body`. Before the first event it asks for an answer to its
 * `url_verification`, which is signed like any other (https://docs.slack.dev/authentication/verifying-requests-from-slack).
 */
export async function verifySlack(delivery: Delivery, secrets: readonly string[], now: number): Promise<Verdict> {
  const { headers, body } = delivery;
  const header = headers["x-slack-signature"];
  if (header === undefined) return unsigned("X-Slack-Signature");
  const timestamp = headers["x-slack-request-timestamp"] ?? "";
  const sentAt = fromUnixSeconds(timestamp);
  if (sentAt === null) return malformed("The header X-Slack-Request-Timestamp (Unix seconds) is needed.");
  const signature = header.startsWith(`${VERSION}=`) ? fromHex(header.slice(VERSION.length + 1)) : null;
  const isMatch = await isSigned({
    algorithm: "sha256",
    keys: secrets.map(bytesOf),
    signatures: signature === null ? [] : [signature],
    content: prefixed(`${VERSION}:${timestamp}:`, body),
  });
  if (!isMatch) return mismatched("X-Slack-Signature");
  const late = untimely(sentAt, now);
  if (late !== null) return late;
  if (textField(delivery, "type") !== "url_verification") return genuine(textField(delivery, "event_id"));
  const challenge = textField(delivery, "challenge");
  return challenge === null ? malformed("A url_verification needs a `challenge`.") : genuine(null, challenge);
}
