import { genuine, malformed, mismatched, unsigned, type Delivery, type Verdict } from "./delivery.ts";
import { bytesOf, fromHex, isSigned, prefixed } from "./hmac.ts";
import { textField } from "./payload.ts";
import { fromUnixSeconds, untimely } from "./timeliness.ts";

/**
 * Stripe: `Stripe-Signature: t=…,v1=…`, HMAC-SHA256 in hexadecimal over `timestamp.body`, a `v1` for each secret that
 * is in use. The event's id is in the body (https://docs.stripe.com/webhooks/signature).
 */
export async function verifyStripe(delivery: Delivery, secrets: readonly string[], now: number): Promise<Verdict> {
  const header = delivery.headers["stripe-signature"];
  if (header === undefined) return unsigned("Stripe-Signature");
  const parts = header.split(",").map((part) => part.trim());
  const timestamp = valuesOf(parts, "t")[0] ?? "";
  const sentAt = fromUnixSeconds(timestamp);
  if (sentAt === null) return malformed("Stripe-Signature has no timestamp: `t=` and Unix seconds are expected in it.");
  const signatures = valuesOf(parts, "v1")
    .map(fromHex)
    .filter((signature) => signature !== null);
  const content = prefixed(`${timestamp}.`, delivery.body);
  const isMatch = await isSigned({ algorithm: "sha256", keys: secrets.map(bytesOf), signatures, content });
  if (!isMatch) return mismatched("Stripe-Signature");
  return untimely(sentAt, now) ?? genuine(textField(delivery, "id"));
}

function valuesOf(parts: readonly string[], key: string): string[] {
  return parts.filter((part) => part.startsWith(`${key}=`)).map((part) => part.slice(key.length + 1));
}
