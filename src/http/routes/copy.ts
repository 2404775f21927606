import { z } from "@hono/zod-openapi";
import type { Context } from "hono";

import type { JsonPage, SourceConnectionRpc } from "#connection/rpc";
import type { App, AppDeps, AppEnv } from "#http/app-env";
import { ndjsonStream } from "#http/ndjson";
import { operation } from "#http/operation";
import { cursor, entityId, limit, streamName, uuid } from "#http/parameters";
import { valueOf } from "#http/reply";
import { changePageSchema, entityPageSchema, entitySchema, newestChangesText, pageText } from "#http/schemas/copy";

const NDJSON = "application/x-ndjson";
/** The most one call may return: fewest calls for an export, and still a small part of the isolate's memory. */
const EXPORT_PAGE_SIZE = 1000;

const tag = "Entities";
const params = z.object({ id: uuid });
const stream = streamName.optional().openapi({ description: "Only this stream." });

const list = operation({
  method: "get",
  path: "/v1/source-connections/{id}/entities",
  id: "listEntities",
  tag,
  summary: "Read the copy, ordered by stream and id",
  description: "With `Accept: application/x-ndjson` the same as the export.",
  request: { params, query: z.object({ stream, limit, cursor }) },
  answer: { "application/json": { schema: entityPageSchema }, [NDJSON]: { schema: entitySchema } },
  refusals: ["not_found"],
});

const exportAll = operation({
  method: "get",
  path: "/v1/source-connections/{id}/entities/export",
  id: "exportEntities",
  tag,
  summary: "Download the whole copy as NDJSON",
  description: "One entity a line, as fast as you read. A connection that breaks off means the export is incomplete.",
  request: { params, query: z.object({ stream }) },
  answer: { [NDJSON]: { schema: entitySchema } },
  refusals: ["not_found"],
});

const get = operation({
  method: "get",
  path: "/v1/source-connections/{id}/entities/{stream}/{entity_id}",
  id: "getEntity",
  tag,
  summary: "Get one entity",
  request: { params: z.object({ id: uuid, stream: streamName, entity_id: entityId }) },
  answer: entitySchema,
  refusals: ["not_found"],
});

const changesQuery = z
  .object({
    since: cursor.openapi({ description: "The `next_cursor` of the last poll." }),
    order: z.enum(["oldest_first", "newest_first"]).default("oldest_first"),
    before: cursor.openapi({
      description: "With `newest_first`: the `older_cursor` of the page before. Absent: from the end of the feed.",
    }),
    limit,
  })
  .refine(({ order, since }) => order === "oldest_first" || since === undefined, {
    path: ["since"],
    message: "`since` goes on in commit order; with order=newest_first use `before`",
  })
  .refine(({ order, before }) => order === "newest_first" || before === undefined, {
    path: ["before"],
    message: "`before` goes with order=newest_first; in commit order use `since`",
  });

const changes = operation({
  method: "get",
  path: "/v1/source-connections/{id}/changes",
  id: "listChanges",
  tag,
  summary: "Follow the change feed",
  description:
    "Upserts and deletes in commit order, each with the entity's newest state. Whoever starts without `since` and follows the feed ends with exactly the copy. `order=newest_first` is for looking at what happened last; its `next_cursor` is where to follow from.",
  request: { params, query: changesQuery },
  answer: changePageSchema,
  refusals: ["not_found"],
});

export function copyRoutes(app: App, { gate }: AppDeps): void {
  app.openapi(list, async (c) => {
    const connection = gate(c.env, c.req.valid("param").id);
    const query = c.req.valid("query");
    if (wantsNdjson(c)) return ndjson(c, connection, query.stream ?? null, query.cursor ?? null);
    const request = { stream: query.stream ?? null, limit: query.limit, cursor: query.cursor ?? null };
    const page = valueOf(await connection.entities(c.get("actor").organizationId, request));
    return jsonText(c, pageText("entities", page));
  });

  app.openapi(exportAll, (c) => {
    const connection = gate(c.env, c.req.valid("param").id);
    return ndjson(c, connection, c.req.valid("query").stream ?? null, null);
  });

  app.openapi(get, async (c) => {
    const { id, stream: name, entity_id } = c.req.valid("param");
    const reply = await gate(c.env, id).entity(c.get("actor").organizationId, name, entity_id);
    return jsonText(c, valueOf(reply));
  });

  app.openapi(changes, async (c) => {
    const { order, limit: most, since, before } = c.req.valid("query");
    const { organizationId } = c.get("actor");
    const connection = gate(c.env, c.req.valid("param").id);
    if (order === "newest_first") {
      const request = { limit: most, before: before ?? null };
      return jsonText(c, newestChangesText(valueOf(await connection.newestChanges(organizationId, request))));
    }
    const reply = await connection.changes(organizationId, { limit: most, since: since ?? null });
    return jsonText(c, pageText("changes", valueOf(reply)));
  });
}

async function ndjson(
  c: Context<AppEnv>,
  connection: SourceConnectionRpc,
  name: string | null,
  from: string | null,
): Promise<Response> {
  const { organizationId } = c.get("actor");
  const readPage = async (at: string | null): Promise<JsonPage> =>
    valueOf(await connection.entities(organizationId, { stream: name, limit: EXPORT_PAGE_SIZE, cursor: at }));
  return c.body(ndjsonStream(await readPage(from), readPage), 200, { "content-type": NDJSON });
}

function wantsNdjson(c: Context<AppEnv>): boolean {
  return c.req.header("accept")?.toLowerCase().includes(NDJSON) ?? false;
}

function jsonText(c: Context<AppEnv>, text: string): Response {
  return c.body(text, 200, { "content-type": "application/json" });
}
