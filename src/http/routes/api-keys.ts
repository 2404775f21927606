import { z } from "@hono/zod-openapi";

import type { Actor } from "#auth/actor";
import { hashApiKey, KEY_BYTES, shownPrefix, spellApiKey } from "#auth/api-key";
import { Refused } from "#core/errors";
import type { App, AppDeps } from "#http/app-env";
import { invalid } from "#http/issues";
import { json, operation } from "#http/operation";
import { limit, skip, uuid } from "#http/parameters";
import { apiKeyBody, apiKeySchema, createApiKeySchema, expiryOf, newApiKeySchema } from "#http/schemas/api-key";
import { deleteApiKey, insertApiKey, listApiKeys } from "#records/api-key-repository";
import { organizationExists } from "#records/organization-repository";

const tag = "API keys";
const organization = uuid.optional().openapi({ description: "Another organization; root key only." });

const list = operation({
  method: "get",
  path: "/v1/api-keys",
  id: "listApiKeys",
  tag,
  summary: "List the organization's API keys, newest first",
  request: { query: z.object({ skip, limit, organization_id: organization }) },
  answer: z.array(apiKeySchema),
});

const create = operation({
  method: "post",
  path: "/v1/api-keys",
  id: "createApiKey",
  tag,
  summary: "Create an API key",
  description: "The key is shown in this answer and never again.",
  request: { body: json(createApiKeySchema) },
  answer: newApiKeySchema,
  refusals: ["not_found"],
});

const remove = operation({
  method: "delete",
  path: "/v1/api-keys/{id}",
  id: "deleteApiKey",
  tag,
  summary: "Revoke an API key",
  request: { params: z.object({ id: uuid }), query: z.object({ organization_id: organization }) },
  answer: apiKeySchema,
  refusals: ["not_found"],
});

export function apiKeyRoutes(app: App, { newId, now }: AppDeps): void {
  app.openapi(list, async (c) => {
    const { organization_id, ...page } = c.req.valid("query");
    const rows = await listApiKeys(c.env.DB, organizationFor(c.get("actor"), organization_id), page);
    return c.json(rows.map(apiKeyBody));
  });

  app.openapi(create, async (c) => {
    const input = c.req.valid("json");
    const organizationId = organizationFor(c.get("actor"), input.organization_id ?? undefined);
    const expiresAt = expiryOf(input, now());
    if (expiresAt !== null && expiresAt <= now()) {
      const msg = "Input should be in the future";
      throw invalid([{ loc: ["body", "expires_at"], msg, type: "datetime_future" }]);
    }
    if (!(await organizationExists(c.env.DB, organizationId))) {
      throw new Refused({ code: "not_found", message: "Organization not found" });
    }
    const key = spellApiKey(crypto.getRandomValues(new Uint8Array(KEY_BYTES)));
    const row = {
      id: newId(),
      organization_id: organizationId,
      name: input.name,
      prefix: shownPrefix(key),
      created_at: now(),
      expires_at: expiresAt,
    };
    await insertApiKey(c.env.DB, row, await hashApiKey(key));
    return c.json({ ...apiKeyBody(row), key });
  });

  app.openapi(remove, async (c) => {
    const organizationId = organizationFor(c.get("actor"), c.req.valid("query").organization_id);
    const row = await deleteApiKey(c.env.DB, organizationId, c.req.valid("param").id);
    if (row === null) throw new Refused({ code: "not_found", message: "API key not found" });
    return c.json(apiKeyBody(row));
  });
}

/** The caller's organization; the root key may name another. */
function organizationFor(actor: Actor, named: string | undefined): string {
  if (named === undefined || named === actor.organizationId || actor.kind === "root") {
    return named ?? actor.organizationId;
  }
  throw new Refused({ code: "forbidden", message: "Only the root key may manage the keys of another organization." });
}
