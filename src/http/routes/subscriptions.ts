import { z } from "@hono/zod-openapi";

import type { App, AppDeps } from "#http/app-env";
import { json, operation } from "#http/operation";
import { flag, uuid } from "#http/parameters";
import { valueOf } from "#http/reply";
import {
  createSubscriptionSchema,
  recoverSchema,
  recoverySchema,
  rotateSecretSchema,
  subscriptionBody,
  subscriptionDetailBody,
  subscriptionDetailSchema,
  subscriptionPatch,
  subscriptionSchema,
  updateSubscriptionSchema,
} from "#http/schemas/subscription";

const tag = "Webhooks";
const params = z.object({ id: uuid });

const list = operation({
  method: "get",
  path: "/v1/webhooks/subscriptions",
  id: "listWebhookSubscriptions",
  tag,
  summary: "List webhook subscriptions, oldest first",
  request: {},
  answer: z.array(subscriptionSchema),
});

const create = operation({
  method: "post",
  path: "/v1/webhooks/subscriptions",
  id: "createWebhookSubscription",
  tag,
  summary: "Subscribe an address to events",
  description:
    "Something has to answer a HEAD request there within 5 seconds, whatever it says. The signing secret is in the answer; later only with `include_secret`.",
  request: { body: json(createSubscriptionSchema) },
  answer: subscriptionDetailSchema,
  refusals: ["source_refused"],
});

const get = operation({
  method: "get",
  path: "/v1/webhooks/subscriptions/{id}",
  id: "getWebhookSubscription",
  tag,
  summary: "Get a webhook subscription with its newest delivery attempts",
  request: { params, query: z.object({ include_secret: flag("Show the signing secret.") }) },
  answer: subscriptionDetailSchema,
  refusals: ["not_found"],
});

const update = operation({
  method: "patch",
  path: "/v1/webhooks/subscriptions/{id}",
  id: "updateWebhookSubscription",
  tag,
  summary: "Change, disable or enable a webhook subscription",
  request: { params, body: json(updateSubscriptionSchema) },
  answer: subscriptionSchema,
  refusals: ["not_found", "source_refused"],
});

const remove = operation({
  method: "delete",
  path: "/v1/webhooks/subscriptions/{id}",
  id: "deleteWebhookSubscription",
  tag,
  summary: "Delete a webhook subscription",
  request: { params },
  answer: subscriptionSchema,
  refusals: ["not_found"],
});

const recover = operation({
  method: "post",
  path: "/v1/webhooks/subscriptions/{id}/recover",
  id: "recoverWebhookSubscription",
  tag,
  summary: "Deliver again what was not delivered",
  description:
    "Every message of the subscription's event types since then (until then) that its receiver has not taken, also from before the subscription was made or while it was disabled. Messages are kept 14 days.",
  request: { params, body: json(recoverSchema) },
  answer: recoverySchema,
  refusals: ["not_found"],
});

const rotateSecret = operation({
  method: "post",
  path: "/v1/webhooks/subscriptions/{id}/rotate-secret",
  id: "rotateWebhookSecret",
  tag,
  summary: "Replace the signing secret",
  description: "For 24 hours deliveries are signed with both. `include_secret` shows the new one.",
  request: { params, body: json(rotateSecretSchema) },
  answer: subscriptionSchema,
  refusals: ["not_found"],
});

export function subscriptionRoutes(app: App, { events, newId }: AppDeps): void {
  app.openapi(list, async (c) => {
    const subscriptions = await events(c.env, c.get("actor").organizationId).subscriptions();
    return c.json(subscriptions.map(subscriptionBody));
  });

  app.openapi(create, async (c) => {
    const { url, event_types: filterTypes, secret } = c.req.valid("json");
    const input = { id: newId(), url, filterTypes, secret: secret ?? null };
    const reply = await events(c.env, c.get("actor").organizationId).subscribe(input);
    return c.json(subscriptionDetailBody(valueOf(reply)));
  });

  app.openapi(get, async (c) => {
    const request = { includeSecret: c.req.valid("query").include_secret };
    const { id } = c.req.valid("param");
    const reply = await events(c.env, c.get("actor").organizationId).subscription(id, request);
    return c.json(subscriptionDetailBody(valueOf(reply)));
  });

  app.openapi(update, async (c) => {
    const { id } = c.req.valid("param");
    const patch = subscriptionPatch(c.req.valid("json"));
    return c.json(subscriptionBody(valueOf(await events(c.env, c.get("actor").organizationId).amend(id, patch))));
  });

  app.openapi(remove, async (c) => {
    const { id } = c.req.valid("param");
    return c.json(subscriptionBody(valueOf(await events(c.env, c.get("actor").organizationId).unsubscribe(id))));
  });

  app.openapi(recover, async (c) => {
    const { id } = c.req.valid("param");
    const { since, until } = c.req.valid("json");
    const range = { since, until: until ?? null };
    const messages = valueOf(await events(c.env, c.get("actor").organizationId).recover(id, range));
    return c.json({ id, status: messages === 0 ? ("completed" as const) : ("running" as const), messages });
  });

  app.openapi(rotateSecret, async (c) => {
    const { id } = c.req.valid("param");
    const { secret } = c.req.valid("json");
    const reply = await events(c.env, c.get("actor").organizationId).rotateSecret(id, secret ?? null);
    return c.json(subscriptionBody(valueOf(reply)));
  });
}
