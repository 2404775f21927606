import { z } from "@hono/zod-openapi";

import { Refused } from "#core/errors";
import type { App } from "#http/app-env";
import { operation } from "#http/operation";
import { sourceBody, sourceSchema } from "#http/schemas/source";
import { findSource, listSources } from "#sources/registry";

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
  request: { params: z.object({ short_name: z.string().max(200).openapi({ example: "couchdb" }) }) },
  answer: sourceSchema,
  refusals: ["not_found"],
});

export function sourceRoutes(app: App): void {
  app.openapi(list, (c) => {
    const internal = c.get("config").ENABLE_INTERNAL_SOURCES;
    return c.json(listSources({ internal }).map(sourceBody));
  });

  app.openapi(get, (c) => {
    const { short_name } = c.req.valid("param");
    const source = findSource(short_name, { internal: c.get("config").ENABLE_INTERNAL_SOURCES });
    if (source === null) throw new Refused({ code: "not_found", message: `Source not found: ${short_name}` });
    return c.json(sourceBody(source));
  });
}
