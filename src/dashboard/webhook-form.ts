import { findingOn, type Issue } from "./issue.ts";
import type { WebhookBody } from "#http/schemas/webhook";

/** How deliveries can be signed, as the API calls it, and as people know it. */
export const SCHEMES = [
  ["standard-webhooks", "Standard Webhooks, Svix"],
  ["github", "GitHub"],
  ["stripe", "Stripe"],
  ["slack", "Slack"],
  ["shopify", "Shopify"],
  ["linear", "Linear"],
  ["gitlab", "GitLab"],
  ["hmac", "Another signature (HMAC)"],
  ["none", "Anybody who knows the address"],
] as const;

/** What the form holds. Secrets are typed anew. */
export interface WebhookForm {
  readonly scheme: string;
  readonly header: string;
  readonly prefix: string;
  readonly encoding: string;
  readonly algorithm: string;
  readonly condition: string;
  readonly debounce: string;
  readonly deliveryId: string;
}

export interface WebhookFaults {
  readonly scheme: string | null;
  readonly secrets: string | null;
  readonly header: string | null;
  readonly condition: string | null;
  readonly debounce: string | null;
  readonly deliveryId: string | null;
}

export const NO_FAULTS: WebhookFaults = {
  scheme: null,
  secrets: null,
  header: null,
  condition: null,
  debounce: null,
  deliveryId: null,
};

/** What the form begins with. */
export function webhookForm(webhook: WebhookBody | null): WebhookForm {
  const verification = webhook?.verification;
  return {
    scheme: verification?.scheme ?? "standard-webhooks",
    header: verification?.header ?? "",
    prefix: verification?.prefix ?? "",
    encoding: verification?.encoding ?? "hex",
    algorithm: verification?.algorithm ?? "sha256",
    condition: webhook?.condition ?? "",
    debounce: String(webhook?.debounce_seconds ?? 0),
    deliveryId: webhook?.delivery_id_header ?? "",
  };
}

/**
 * What is asked of the API. A verification replaces the one before it, secrets included; so where nothing about it was
 * changed and no secrets were typed, it is left out.
 */
export function webhookInput(form: WebhookForm, secretsText: string, before: WebhookForm | null) {
  const secrets = secretsText
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const isSame =
    before !== null &&
    secrets.length === 0 &&
    VERIFYING.every((name) => form[name] === before[name] || !isUsed(form, name));
  return {
    ...(isSame ? {} : { verification: verificationOf(form, secrets) }),
    condition: form.condition === "" ? null : form.condition,
    debounce_seconds: Number(form.debounce),
    delivery_id_header: form.deliveryId === "" ? null : form.deliveryId,
  };
}

const VERIFYING = ["scheme", "header", "prefix", "encoding", "algorithm"] as const;

function isUsed({ scheme }: WebhookForm, name: (typeof VERIFYING)[number]): boolean {
  return name === "scheme" || scheme === "hmac";
}

function verificationOf({ scheme, header, prefix, encoding, algorithm }: WebhookForm, secrets: readonly string[]) {
  if (scheme === "none") return { scheme };
  return scheme === "hmac" ? { scheme, secrets, header, prefix, encoding, algorithm } : { scheme, secrets };
}

export function webhookFaults(issues: readonly Issue[]): WebhookFaults {
  return {
    scheme: findingOn(issues, ["verification", "scheme"]),
    secrets: findingOn(issues, ["verification", "secrets"]),
    header: findingOn(issues, ["verification", "header"]),
    condition: findingOn(issues, ["condition"]),
    debounce: findingOn(issues, ["debounce_seconds"]),
    deliveryId: findingOn(issues, ["delivery_id_header"]),
  };
}
