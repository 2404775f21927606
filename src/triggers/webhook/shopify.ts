import { genuine, mismatched, unsigned, type Delivery, type Verdict } from "./delivery.ts";
import { bytesOf, fromBase64, isSigned } from "./hmac.ts";

/**
 * Shopify: HMAC-SHA256 of the body, in base64. It signs no time; a repeated delivery carries the same webhook id. Its
 * newer "Events" leave the `X-` out (https://shopify.dev/docs/apps/build/webhooks/verify-deliveries).
 */
export async function verifyShopify({ headers, body }: Delivery, secrets: readonly string[]): Promise<Verdict> {
  const header = headers["x-shopify-hmac-sha256"] ?? headers["shopify-hmac-sha256"];
  if (header === undefined) return unsigned("X-Shopify-Hmac-SHA256");
  const signature = fromBase64(header);
  const signatures = signature === null ? [] : [signature];
  const isMatch = await isSigned({ algorithm: "sha256", keys: secrets.map(bytesOf), signatures, content: body });
  if (!isMatch) return mismatched("X-Shopify-Hmac-SHA256");
  return genuine(headers["x-shopify-webhook-id"] ?? headers["shopify-webhook-id"]);
}
