import { z } from "@hono/zod-openapi";

import type { Actor } from "#auth/actor";
import { Refused } from "#core/errors";
import type { App, AppDeps } from "#http/app-env";
import { json, operation } from "#http/operation";
import { limit, skip } from "#http/parameters";
import { createOrganizationSchema, organizationBody, organizationSchema } from "#http/schemas/organization";
import { insertOrganization, listOrganizations } from "#records/organization-repository";

const tag = "Organizations";

const list = operation({
  method: "get",
  path: "/v1/organizations",
  id: "listOrganizations",
  tag,
  summary: "List organizations, oldest first",
  description: "Root key only.",
  request: { query: z.object({ skip, limit }) },
  answer: z.array(organizationSchema),
});

const create = operation({
  method: "post",
  path: "/v1/organizations",
  id: "createOrganization",
  tag,
  summary: "Create an organization, with its default collection",
  description: "Root key only. Then create a key for it: POST /v1/api-keys with its `organization_id`.",
  request: { body: json(createOrganizationSchema) },
  answer: organizationSchema,
});

export function organizationRoutes(app: App, { newId, now }: AppDeps): void {
  app.openapi(list, async (c) => {
    requireRoot(c.get("actor"));
    const rows = await listOrganizations(c.env.DB, c.req.valid("query"));
    return c.json(rows.map(organizationBody));
  });

  app.openapi(create, async (c) => {
    requireRoot(c.get("actor"));
    const organization = { id: newId(), name: c.req.valid("json").name, created_at: now() };
    await insertOrganization(c.env.DB, organization, newId());
    return c.json(organizationBody(organization));
  });
}

function requireRoot(actor: Actor): void {
  if (actor.kind === "root") return;
  throw new Refused({ code: "forbidden", message: "Only the root key may manage organizations." });
}
