import { z } from "@hono/zod-openapi";

import { EVENT_TYPES } from "#core/event";
import type { Message, MessageDetail } from "#events/rpc";
import { timestamp } from "#http/timestamp";
import { attemptBody, attemptSchema } from "./subscription.ts";

const payloadSchema = z.record(z.string(), z.json());

export const messageSchema = z
  .object({
    id: z.uuid().openapi({ description: "The `webhook-id` of its deliveries." }),
    event_type: z.enum(EVENT_TYPES),
    payload: payloadSchema.openapi({ type: "object", description: "The body of its deliveries." }),
    timestamp: z.iso.datetime(),
    channels: z.array(z.string()).nullable(),
    tags: z.array(z.string()).nullable(),
  })
  .openapi("WebhookMessage");
export type MessageBody = z.infer<typeof messageSchema>;

export const messageDetailSchema = messageSchema
  .extend({
    delivery_attempts: z
      .array(attemptSchema)
      .nullable()
      .openapi({ description: "Oldest first; null unless `include_attempts` is set." }),
  })
  .openapi("WebhookMessageDetail");
export type MessageDetailBody = z.infer<typeof messageDetailSchema>;

export function messageBody({ id, type, at, body }: Message): MessageBody {
  const payload = payloadSchema.parse(JSON.parse(body));
  return { id, event_type: type, payload, timestamp: timestamp(at), channels: null, tags: null };
}

export function messageDetailBody(message: MessageDetail): MessageDetailBody {
  return { ...messageBody(message), delivery_attempts: message.attempts?.map(attemptBody) ?? null };
}
