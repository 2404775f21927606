import { z } from "@hono/zod-openapi";

import { eventTypeSchema } from "#core/event";
import type { App, AppDeps } from "#http/app-env";
import { operation } from "#http/operation";
import { cursor, flag, limit, uuid } from "#http/parameters";
import { valueOf } from "#http/reply";
import { messageBody, messageDetailBody, messageDetailSchema, messageSchema } from "#http/schemas/message";

const tag = "Webhooks";

/** `?event_types=a&event_types=b`: one arrives as a string, several as a list. */
const eventTypes = z
  .preprocess((given) => (typeof given === "string" ? [given] : given), z.array(eventTypeSchema))
  .optional()
  .openapi({
    type: "array",
    items: { type: "string", enum: [...eventTypeSchema.options] },
    description: "Only these. May be given several times.",
  });

const list = operation({
  method: "get",
  path: "/v1/webhooks/messages",
  id: "listWebhookMessages",
  tag,
  summary: "List what happened, newest first",
  description:
    "Everything of the last 14 days, whether somebody is subscribed or not. Where there is more, `x-next-cursor` and `link` lead on.",
  request: { query: z.object({ event_types: eventTypes, limit, cursor }) },
  answer: z.array(messageSchema),
});

const get = operation({
  method: "get",
  path: "/v1/webhooks/messages/{id}",
  id: "getWebhookMessage",
  tag,
  summary: "Get a message, and how its deliveries went",
  request: {
    params: z.object({ id: uuid }),
    query: z.object({ include_attempts: flag("Show its delivery attempts.") }),
  },
  answer: messageDetailSchema,
  refusals: ["not_found"],
});

export function messageRoutes(app: App, { events }: AppDeps): void {
  app.openapi(list, async (c) => {
    const query = c.req.valid("query");
    const request = { types: query.event_types ?? null, limit: query.limit, cursor: query.cursor ?? null };
    const reply = await events(c.env, c.get("actor").organizationId).messages(request);
    const { messages, nextCursor } = valueOf(reply);
    if (nextCursor !== null) {
      const next = new URLSearchParams(query.event_types?.map((type) => ["event_types", type]) ?? []);
      next.set("limit", String(query.limit));
      next.set("cursor", nextCursor);
      c.header("x-next-cursor", nextCursor);
      c.header("link", `<${c.req.path}?${next.toString()}>; rel="next"`);
    }
    return c.json(messages.map(messageBody));
  });

  app.openapi(get, async (c) => {
    const request = { includeAttempts: c.req.valid("query").include_attempts };
    const reply = await events(c.env, c.get("actor").organizationId).message(c.req.valid("param").id, request);
    return c.json(messageDetailBody(valueOf(reply)));
  });
}
