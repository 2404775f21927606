import { createHmac } from "node:crypto";
import * as fc from "fast-check";

import type { FuzzRequest } from "./fuzz-request.ts";
import { hostileJson } from "./hostile-text.ts";

/** What the seeded addresses expect their senders to know, by scheme. */
export const HOOK_SECRETS = {
  github: "a-secret-of-github-0123456789",
  "standard-webhooks": "whsec_YS1zZWNyZXQtb2Ytb3RoZXJzLTAxMjM0NTY3ODk=",
} as const;

export type SignedScheme = keyof typeof HOOK_SECRETS;

/** Evaluated on whatever a sender who knows the secret makes up; true of what is empty, too. */
export const HOOK_CONDITION = "sort_by(items, &n)[0] || length(to_string(@)) > `1`";

/** What a delivery's signature is: as it should be, over another body, with another secret, or of an hour ago. */
export const SIGNATURES = ["right", "other-body", "other-secret", "old"] as const;

export interface Signing {
  readonly scheme: SignedScheme;
  readonly signature: (typeof SIGNATURES)[number];
  readonly deliveryId: string;
}

const HOUR_SECONDS = 3_600;
const OTHER_SECRETS = {
  github: "a-secret-of-somebody-else-01234",
  "standard-webhooks": "whsec_c29tZWJvZHktZWxzZS1rbm93cy10aGlzLW9uZQ==",
} as const;

/** How a delivery is to be signed, in every way that there is. GitHub signs no time. */
export const SIGNINGS: readonly Omit<Signing, "deliveryId">[] = SIGNATURES.flatMap((signature) =>
  (["github", "standard-webhooks"] as const)
    .filter((scheme) => scheme !== "github" || signature !== "old")
    .map((scheme) => ({ scheme, signature })),
);

export function deliveryOf(signing: Signing, body: string | Uint8Array, index: number): FuzzRequest {
  return {
    operationId: "receiveWebhook",
    method: "POST",
    path: ["v1", "hooks", { kind: signing.scheme, index }],
    query: [],
    headers: { "content-type": "application/json" },
    body,
    caller: "nobody",
    signing,
  };
}

/** Deliveries to the addresses that look at signatures: right ones that say anything, and forgeries. */
export const signedDelivery: fc.Arbitrary<FuzzRequest> = fc
  .tuple(
    fc.constantFrom(...SIGNINGS),
    fc.nat(3).map((number) => `delivery-${number}`),
    fc.oneof(hostileJson(fc.constant({ items: [{ n: 2, tags: ["a"] }, { n: 1 }] })), fc.constant('{"items":[]}')),
    fc.nat(1),
  )
  .map(([signing, deliveryId, body, index]) => deliveryOf({ ...signing, deliveryId }, body, index));

/** @param now epoch milliseconds */
export function signatureHeaders(
  { scheme, signature, deliveryId }: Signing,
  body: string | Uint8Array,
  now: number,
): Readonly<Record<string, string>> {
  const secret = (signature === "other-secret" ? OTHER_SECRETS : HOOK_SECRETS)[scheme];
  const signed = signature === "other-body" ? '{"another":"body"}' : body;
  if (scheme === "github") {
    const mac = createHmac("sha256", secret).update(signed).digest("hex");
    return { "x-hub-signature-256": `sha256=${mac}`, "x-github-delivery": deliveryId };
  }
  const at = Math.floor(now / 1000) - (signature === "old" ? HOUR_SECONDS : 0);
  const key = Buffer.from(secret.slice("whsec_".length), "base64");
  const mac = createHmac("sha256", key).update(`${deliveryId}.${at}.`).update(signed).digest("base64");
  return { "webhook-id": deliveryId, "webhook-timestamp": String(at), "webhook-signature": `v1,${mac}` };
}

/** What is wrong with how a delivery was taken, in a sentence; null where nothing is. */
export function admissionFault({ signature }: Signing, status: number): string | null {
  if (status === 404) return "The address was there, and is not any more";
  const isTaken = status < 300;
  if (isTaken === (signature === "right")) return null;
  return isTaken
    ? `A delivery was taken whose signature is ${signature}`
    : "A delivery that was rightly signed was refused";
}
