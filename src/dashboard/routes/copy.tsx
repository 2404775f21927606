import { apiPath } from "#dashboard/api";
import type { Dashboard, DashboardDeps } from "#dashboard/dashboard-env";
import { ChangesPage } from "#dashboard/pages/changes-page.tsx";
import { EntitiesPage } from "#dashboard/pages/entities-page.tsx";
import { respond } from "#dashboard/respond.tsx";
import { changePageSchema, entityPageSchema } from "#http/schemas/copy";
import { apiOf, readConnection } from "./connection-data.ts";

/** On a page: as many as one reads. */
const PAGE = 25;

/** What a connection has: its entities, and how they came to be as they are. */
export function copyRoutes(app: Dashboard, { now }: DashboardDeps): void {
  app.get("/connections/:id/entities", async (c) => {
    const stream = filled(c.req.query("stream"));
    const cursor = filled(c.req.query("cursor"));
    const query = new URLSearchParams({ limit: String(PAGE) });
    if (stream !== null) query.set("stream", stream);
    if (cursor !== null) query.set("cursor", cursor);
    const [connection, page] = await Promise.all([
      readConnection(c),
      c.get("api").get(`${apiOf(c)}/entities?${query.toString()}`, entityPageSchema),
    ]);
    return respond(
      c,
      { title: `Entities of ${connection.name}`, section: "connections" },
      <EntitiesPage connection={connection} page={page} stream={stream} isFirst={cursor === null} now={now()} />,
    );
  });

  app.get("/connections/:id/entities/one", (c) => {
    const path = apiPath`/entities/${c.req.query("stream") ?? ""}/${c.req.query("id") ?? ""}`;
    return c.get("api").raw(apiOf(c) + path);
  });

  app.get("/connections/:id/entities/export", async (c) => {
    const stream = filled(c.req.query("stream"));
    const query = stream === null ? "" : `?stream=${encodeURIComponent(stream)}`;
    const response = await c.get("api").raw(`${apiOf(c)}/entities/export${query}`);
    const headers = {
      "content-type": response.headers.get("content-type") ?? "application/x-ndjson",
      "content-disposition": 'attachment; filename="entities.ndjson"',
    };
    return new Response(response.body, { status: response.status, headers });
  });

  app.get("/connections/:id/changes", async (c) => {
    const [since, before] = [filled(c.req.query("since")), filled(c.req.query("before"))];
    const isOldestFirst = since !== null || c.req.query("order") === "oldest_first";
    const query = new URLSearchParams({ limit: String(PAGE), order: isOldestFirst ? "oldest_first" : "newest_first" });
    if (since !== null) query.set("since", since);
    if (before !== null) query.set("before", before);
    const [connection, page] = await Promise.all([
      readConnection(c),
      c.get("api").get(`${apiOf(c)}/changes?${query.toString()}`, changePageSchema),
    ]);
    return respond(
      c,
      { title: `Changes of ${connection.name}`, section: "connections" },
      <ChangesPage
        connection={connection}
        page={page}
        order={isOldestFirst ? "oldest_first" : "newest_first"}
        isFirst={since === null && before === null}
        now={now()}
      />,
    );
  });
}

function filled(text: string | undefined): string | null {
  return text === undefined || text === "" ? null : text;
}
