import { z } from "zod";

import { apiPath } from "#dashboard/api";
import type { Dashboard } from "#dashboard/dashboard-env";
import { SourcePage } from "#dashboard/pages/source-page.tsx";
import { KINDS, SourcesPage } from "#dashboard/pages/sources-page.tsx";
import { respond } from "#dashboard/respond.tsx";
import { sourceSchema } from "#http/schemas/source";

const querySchema = z.object({
  show: z.enum(KINDS).catch("all"),
  q: z.string().max(200).catch(""),
  deleted: z.string().max(100).nullable().catch(null),
});

/** What can be connected. */
export function sourceRoutes(app: Dashboard): void {
  app.get("/sources", async (c) => {
    const { show, q, deleted } = querySchema.parse(c.req.query());
    const sources = await c.get("api").get("/v1/sources", sourceSchema.array());
    const notice = deleted === null ? null : `The source ${deleted} is deleted.`;
    return respond(
      c,
      { title: "Sources", section: "sources", scripts: ["overview.js"] },
      <SourcesPage sources={sources} kind={show} search={q} notice={notice} />,
    );
  });

  app.get("/sources/:name", async (c) => {
    const source = await c.get("api").get(apiPath`/v1/sources/${c.req.param("name")}`, sourceSchema);
    const notice = c.req.query("registered") === undefined ? null : REGISTERED;
    return respond(
      c,
      { title: source.name, section: "sources" },
      <SourcePage source={source} notice={notice} wrong={null} />,
    );
  });

  app.post("/sources/:name/delete", async (c) => {
    const path = apiPath`/v1/sources/${c.req.param("name")}`;
    const sent = await c.get("api").send("DELETE", path, sourceSchema);
    if (sent.ok) return c.redirect(`/sources?deleted=${encodeURIComponent(sent.value.short_name)}`, 303);
    const source = await c.get("api").get(path, sourceSchema);
    return respond(
      c,
      { title: source.name, section: "sources", status: 409 },
      <SourcePage source={source} notice={null} wrong={sent.refusal.message} />,
    );
  });
}

const REGISTERED = "It is registered. Connect it to read from it.";
