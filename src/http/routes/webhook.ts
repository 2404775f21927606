import { z } from "@hono/zod-openapi";

import { hashApiKey } from "#auth/api-key";
import type { App, AppDeps } from "#http/app-env";
import { json, operation } from "#http/operation";
import { uuid, whole } from "#http/parameters";
import { valueOf } from "#http/reply";
import { proofOf, webhookBody, webhookCreateSchema, webhookSchema, webhookUpdateSchema } from "#http/schemas/webhook";
import type { HookPatch } from "#triggers/webhook/hook";
import { HOOK_TOKEN_RANDOM_BYTES, spellHookToken } from "#triggers/webhook/token";

const tag = "Webhooks in";
const path = "/v1/source-connections/{id}/webhook";
const params = z.object({ id: uuid });

/** A week: time enough to tell every sender. */
const MAX_OVERLAP_SECONDS = 604_800;

const create = operation({
  method: "post",
  path,
  id: "createWebhook",
  tag,
  summary: "Give a connection an inbound address",
  description: "Deliveries to it start an incremental sync. The address is shown here, and never again.",
  request: { params, body: json(webhookCreateSchema) },
  answer: webhookSchema,
  refusals: ["not_found", "conflict"],
});

const get = operation({
  method: "get",
  path,
  id: "getWebhook",
  tag,
  summary: "Get a connection's webhook and its last deliveries",
  request: { params },
  answer: webhookSchema,
  refusals: ["not_found"],
});

const update = operation({
  method: "patch",
  path,
  id: "updateWebhook",
  tag,
  summary: "Change a connection's webhook",
  description: "A verification replaces the one before it as a whole, secrets included. The address stays.",
  request: { params, body: json(webhookUpdateSchema) },
  answer: webhookSchema,
  refusals: ["not_found"],
});

const rotate = operation({
  method: "post",
  path: `${path}/rotate`,
  id: "rotateWebhook",
  tag,
  summary: "Make a new address",
  request: {
    params,
    query: z.object({
      overlap_seconds: whole(
        { min: 0, max: MAX_OVERLAP_SECONDS, default: 0 },
        "How long the address before it is still accepted.",
      ),
    }),
  },
  answer: webhookSchema,
  refusals: ["not_found"],
});

const remove = operation({
  method: "delete",
  path,
  id: "deleteWebhook",
  tag,
  summary: "Take the inbound address away",
  description: "Answers with what was there. A sync that debounced deliveries wait for starts at once.",
  request: { params },
  answer: webhookSchema,
  refusals: ["not_found"],
});

export function webhookRoutes(app: App, { gate }: AppDeps): void {
  app.openapi(create, async (c) => {
    const { id } = c.req.valid("param");
    const input = c.req.valid("json");
    const { verification, secrets } = proofOf(input.verification);
    const settings = {
      verification,
      condition: input.condition,
      debounceSeconds: input.debounce_seconds,
      deliveryIdHeader: input.delivery_id_header,
    };
    const token = newToken(id);
    const tokenHash = await hashApiKey(token);
    const reply = await gate(c.env, id).createHook(c.get("actor").organizationId, { tokenHash, settings, secrets });
    return c.json(webhookBody(valueOf(reply), addressOf(c.req.url, token)));
  });

  app.openapi(get, async (c) => {
    const reply = await gate(c.env, c.req.valid("param").id).hook(c.get("actor").organizationId);
    return c.json(webhookBody(valueOf(reply), null));
  });

  app.openapi(update, async (c) => {
    const input = c.req.valid("json");
    const patch: HookPatch = {
      ...(input.verification === undefined ? {} : { proof: proofOf(input.verification) }),
      ...(input.condition === undefined ? {} : { condition: input.condition }),
      ...(input.debounce_seconds === undefined ? {} : { debounceSeconds: input.debounce_seconds }),
      ...(input.delivery_id_header === undefined ? {} : { deliveryIdHeader: input.delivery_id_header }),
    };
    const reply = await gate(c.env, c.req.valid("param").id).updateHook(c.get("actor").organizationId, patch);
    return c.json(webhookBody(valueOf(reply), null));
  });

  app.openapi(rotate, async (c) => {
    const { id } = c.req.valid("param");
    const token = newToken(id);
    const request = {
      tokenHash: await hashApiKey(token),
      overlapMs: c.req.valid("query").overlap_seconds * 1000,
    };
    const reply = await gate(c.env, id).rotateHook(c.get("actor").organizationId, request);
    return c.json(webhookBody(valueOf(reply), addressOf(c.req.url, token)));
  });

  app.openapi(remove, async (c) => {
    const reply = await gate(c.env, c.req.valid("param").id).removeHook(c.get("actor").organizationId);
    return c.json(webhookBody(valueOf(reply), null));
  });
}

function newToken(connectionId: string): string {
  return spellHookToken(connectionId, crypto.getRandomValues(new Uint8Array(HOOK_TOKEN_RANDOM_BYTES)));
}

/** On the host that the owner just used. */
function addressOf(url: string, token: string): string {
  return new URL(`/v1/hooks/${token}`, url).href;
}
