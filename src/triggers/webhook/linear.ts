import { genuine, malformed, mismatched, unsigned, type Delivery, type Verdict } from "./delivery.ts";
import { bytesOf, fromHex, isSigned } from "./hmac.ts";
import { numberField } from "./payload.ts";
import { untimely } from "./timeliness.ts";

/** Linear's documentation asks for one minute. */
const LINEAR_TOLERANCE_MS = 60_000;

/**
 * Linear: HMAC-SHA256 of the body, in hexadecimal. The time is in the body, so that it is signed too
 * (https://linear.app/developers/webhooks).
 */
export async function verifyLinear(delivery: Delivery, secrets: readonly string[], now: number): Promise<Verdict> {
  const { headers, body } = delivery;
  const header = headers["linear-signature"];
  if (header === undefined) return unsigned("Linear-Signature");
  const signature = fromHex(header);
  const signatures = signature === null ? [] : [signature];
  const isMatch = await isSigned({ algorithm: "sha256", keys: secrets.map(bytesOf), signatures, content: body });
  if (!isMatch) return mismatched("Linear-Signature");
  const sentAt = numberField(delivery, "webhookTimestamp");
  if (sentAt === null) return malformed("The body has no `webhookTimestamp` (Unix milliseconds).");
  return untimely(sentAt, now, LINEAR_TOLERANCE_MS) ?? genuine(headers["linear-delivery"]);
}
