import { z } from "@hono/zod-openapi";

import { EVENT_TYPES, type EventType } from "#core/event";
import type { Attempt, Subscription, SubscriptionDetail, SubscriptionPatch } from "#events/rpc";
import { timestamp } from "#http/timestamp";
import { atLeastOne } from "./at-least-one.ts";

const time = z.iso.datetime();
/** Longer addresses are not taken by every server on the way. */
const MAX_URL_LENGTH = 2_048;
/** As Airweave asks for: 18 bytes in base64. What Sluice makes by itself has 32. */
const MIN_SECRET_LENGTH = 24;
const MAX_SECRET_LENGTH = 128;
const PREFIX = "whsec_";
const BASE64 = "[A-Za-z0-9+/]";

/** ISO 8601 with any offset, as epoch milliseconds. */
const moment = z.iso
  .datetime({ offset: true })
  .transform((text) => Date.parse(text))
  .openapi({ type: "string", format: "date-time" });

const url = z
  .url({ protocol: /^https?$/, error: "Input should be a valid http or https URL" })
  .max(MAX_URL_LENGTH)
  .openapi({ format: "uri", example: "https://hooks.example.com/sluice" });

const eventTypes = z
  .array(z.enum(EVENT_TYPES))
  .min(1, "At least one event type must be given")
  .transform((types): EventType[] => EVENT_TYPES.filter((type) => types.includes(type)))
  .openapi({ type: "array", items: { type: "string", enum: [...EVENT_TYPES] }, minItems: 1 });

const secret = z
  .string()
  .min(MIN_SECRET_LENGTH, `Input should have at least ${MIN_SECRET_LENGTH} characters`)
  .max(MAX_SECRET_LENGTH)
  .transform((text) => PREFIX + (text.startsWith(PREFIX) ? text.slice(PREFIX.length) : text))
  .refine(
    (text) => isBase64(text.slice(PREFIX.length)),
    `Input should be base64 of at least ${MIN_SECRET_LENGTH} characters, as the libraries that verify signatures read it, with or without whsec_ before it`,
  )
  .openapi({
    type: "string",
    minLength: MIN_SECRET_LENGTH,
    maxLength: MAX_SECRET_LENGTH,
    pattern: `^(${PREFIX})?(${BASE64}{4}){5,}(${BASE64}{4}|${BASE64}{3}=|${BASE64}{2}==)$`,
  });

export const createSubscriptionSchema = z
  .object({
    url,
    event_types: eventTypes,
    secret: secret.nullish().openapi({ description: "Base64, of 24 characters or more. Default: a new one." }),
  })
  .openapi("WebhookSubscriptionCreate");

export const updateSubscriptionSchema = atLeastOne(
  z.object({
    url: url.optional(),
    event_types: eventTypes.optional(),
    disabled: z.boolean().optional(),
    recover_since: moment
      .nullish()
      .openapi({ description: "Deliver again what was not delivered since then. For when it is enabled again." }),
  }),
  "WebhookSubscriptionUpdate",
);

export const rotateSecretSchema = z.object({ secret: secret.nullish() }).openapi("WebhookSecretRotate");

export const recoverSchema = z
  .object({ since: moment, until: moment.nullish() })
  .refine(({ since, until }) => typeof until !== "number" || until > since, {
    path: ["until"],
    error: "Input should be later than since",
  })
  .openapi("WebhookRecover");

export const recoverySchema = z
  .object({
    id: z.uuid(),
    status: z.enum(["running", "completed", "unknown"]),
    messages: z.int().openapi({ description: "How many will be delivered again." }),
  })
  .openapi("WebhookRecovery");

export const subscriptionSchema = z
  .object({
    id: z.uuid(),
    url: z.string(),
    filter_types: z.array(z.enum(EVENT_TYPES)).nullable(),
    disabled: z.boolean(),
    disabled_reason: z.string().nullable().openapi({ description: "Why Sluice disabled it." }),
    description: z.null(),
    created_at: time,
    updated_at: time,
    health_status: z.enum(["healthy", "degraded", "failing", "unknown"]).openapi({
      description: "`failing` after three failures in a row, `degraded` with any among the last ten attempts.",
    }),
  })
  .openapi("WebhookSubscription");
export type SubscriptionBody = z.infer<typeof subscriptionSchema>;

export const attemptSchema = z
  .object({
    id: z.uuid(),
    message_id: z.uuid(),
    endpoint_id: z.uuid().openapi({ description: "The subscription." }),
    response: z.string().nullable().openapi({ description: "How the receiver's answer begins." }),
    response_status_code: z.int().openapi({ description: "0 where no answer came." }),
    status: z.enum(["success", "pending", "failed"]),
    timestamp: time,
    url: z.string().nullable(),
    error: z.string().nullable().openapi({ description: "Why no answer came." }),
    duration_ms: z.int(),
  })
  .openapi("DeliveryAttempt");
export type AttemptBody = z.infer<typeof attemptSchema>;

export const subscriptionDetailSchema = subscriptionSchema
  .extend({
    delivery_attempts: z.array(attemptSchema).nullable().openapi({ description: "Newest first, 100 at most." }),
    secret: z.string().nullable(),
  })
  .openapi("WebhookSubscriptionDetail");
export type SubscriptionDetailBody = z.infer<typeof subscriptionDetailSchema>;

export function subscriptionBody(subscription: Subscription): SubscriptionBody {
  return {
    id: subscription.id,
    url: subscription.url,
    filter_types: [...subscription.filterTypes],
    disabled: subscription.disabled,
    disabled_reason: subscription.disabledReason,
    description: null,
    created_at: timestamp(subscription.createdAt),
    updated_at: timestamp(subscription.updatedAt),
    health_status: subscription.health,
  };
}

export function subscriptionDetailBody(detail: SubscriptionDetail): SubscriptionDetailBody {
  return {
    ...subscriptionBody(detail),
    delivery_attempts: detail.attempts.map(attemptBody),
    secret: detail.secret,
  };
}

export function attemptBody(attempt: Attempt): AttemptBody {
  return {
    id: attempt.id,
    message_id: attempt.messageId,
    endpoint_id: attempt.subscriptionId,
    response: attempt.response,
    response_status_code: attempt.statusCode ?? 0,
    status: attempt.isSuccess ? "success" : "failed",
    timestamp: timestamp(attempt.at),
    url: attempt.url,
    error: attempt.error,
    duration_ms: attempt.durationMs,
  };
}

/** The part of a parsed body that the events are told. */
export function subscriptionPatch(input: z.infer<typeof updateSubscriptionSchema>): SubscriptionPatch {
  const patch: { -readonly [Field in keyof SubscriptionPatch]: SubscriptionPatch[Field] } = {};
  if (input.url !== undefined) patch.url = input.url;
  if (input.event_types !== undefined) patch.filterTypes = input.event_types;
  if (input.disabled !== undefined) patch.disabled = input.disabled;
  if (typeof input.recover_since === "number") patch.recoverSince = input.recover_since;
  return patch;
}

function isBase64(text: string): boolean {
  return text.length >= MIN_SECRET_LENGTH && text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text);
}
