import { z } from "zod";

import { genuine, type Delivery, type Verdict } from "./delivery.ts";
import { verifyGenericHmac } from "./generic-hmac.ts";
import { verifyGitHub } from "./github.ts";
import { verifyGitLab } from "./gitlab.ts";
import { verifyLinear } from "./linear.ts";
import { verifyShopify } from "./shopify.ts";
import { verifySlack } from "./slack.ts";
import { verifyStandardWebhooks } from "./standard-webhooks.ts";
import { verifyStripe } from "./stripe.ts";

/** A header's name: a token of RFC 9110, compared in lower case. */
export const headerNameSchema = z
  .string()
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/, "Input should be the name of an HTTP header")
  .toLowerCase();

const genericHmacSchema = z.object({
  scheme: z.literal("hmac"),
  header: headerNameSchema,
  encoding: z.enum(["hex", "base64"]).default("hex"),
  prefix: z.string().max(100).default(""),
  algorithm: z.enum(["sha1", "sha256", "sha512"]).default("sha256"),
});

/** Schemes that are known by name, and need a secret and nothing else. */
export const PROVIDER_SCHEMES = [
  "standard-webhooks",
  "github",
  "stripe",
  "slack",
  "shopify",
  "linear",
  "gitlab",
] as const;

/** How deliveries are told from forgeries. The secrets are kept apart, sealed. */
export const verificationSchema = z.discriminatedUnion("scheme", [
  z.object({ scheme: z.enum(PROVIDER_SCHEMES) }),
  genericHmacSchema,
  z.object({ scheme: z.literal("none") }),
]);
export type Verification = z.infer<typeof verificationSchema>;

/**
 * Is this delivery from someone who has one of the secrets, and not an old one?
 *
 * @param now epoch milliseconds
 */
export async function verify(
  verification: Verification,
  delivery: Delivery,
  secrets: readonly string[],
  now: number,
): Promise<Verdict> {
  switch (verification.scheme) {
    case "standard-webhooks":
      return verifyStandardWebhooks(delivery, secrets, now);
    case "github":
      return verifyGitHub(delivery, secrets);
    case "stripe":
      return verifyStripe(delivery, secrets, now);
    case "slack":
      return verifySlack(delivery, secrets, now);
    case "shopify":
      return verifyShopify(delivery, secrets);
    case "linear":
      return verifyLinear(delivery, secrets, now);
    case "gitlab":
      return verifyGitLab(delivery, secrets);
    case "hmac":
      return verifyGenericHmac(verification, delivery, secrets);
    case "none":
      return genuine(null);
  }
}
