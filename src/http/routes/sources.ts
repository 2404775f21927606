import { z } from "@hono/zod-openapi";

import { Refused } from "#core/errors";
import type { App } from "#http/app-env";
import { concurrently } from "#http/concurrently";
import { operation } from "#http/operation";
import { sourceBody, sourceSchema } from "#http/schemas/source";
import { findNamedSource } from "#http/source-input";
import { customSourceManifest, listCustomSources } from "#records/custom-source-repository";
import { listSources } from "#sources/registry";

const tag = "Sources";

const list = operation({
  method: "get",
  path: "/v1/sources",
  id: "listSources",
  tag,
  summary: "List the kinds of sources that can be connected",
  request: {},
  answer: z.array(sourceSchema),
});

const get = operation({
  method: "get",
  path: "/v1/sources/{short_name}",
  id: "getSource",
  tag,
  summary: "Get one kind of source, with the fields it needs",
  request: {
    params: z.object({ short_name: z.string().max(200).openapi({ example: "couchdb" }) }),
    query: z.object({
      include: z.enum(["manifest", "schemas"]).optional().openapi({
        description:
          "`manifest`: a custom source's, as it was sent. `schemas`: JSON Schemas of config and credentials.",
      }),
    }),
  },
  answer: sourceSchema,
  refusals: ["not_found"],
});

export function sourceRoutes(app: App): void {
  app.openapi(list, async (c) => {
    const config = c.get("config");
    const { organizationId } = c.get("actor");
    const own = await listCustomSources(c.env.DB, organizationId);
    const custom = await concurrently(own, async ({ shortName, version }) => {
      const found = await findNamedSource(shortName, organizationId, config, c.env.DB);
      // It may have been deleted since it was listed.
      return found === null ? [] : [sourceBody(found.source, { version, manifest: null })];
    });
    const builtIn = listSources({ internal: config.ENABLE_INTERNAL_SOURCES }).map((source) => sourceBody(source));
    return c.json([...builtIn, ...custom.flat()]);
  });

  app.openapi(get, async (c) => {
    const { short_name: shortName } = c.req.valid("param");
    const { organizationId } = c.get("actor");
    const found = await findNamedSource(shortName, organizationId, c.get("config"), c.env.DB);
    if (found === null) throw new Refused({ code: "not_found", message: `Source not found: ${shortName}` });
    const { source, manifest } = found;
    const { include } = c.req.valid("query");
    const wanted = { schemas: include === "schemas" };
    if (manifest === null) return c.json(sourceBody(source, null, wanted));
    const wantsText = include === "manifest";
    const text = wantsText ? await customSourceManifest(c.env.DB, organizationId, shortName) : null;
    return c.json(sourceBody(source, { version: manifest.version, manifest: text }, wanted));
  });
}
