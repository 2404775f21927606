import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";

import { apiPath } from "#dashboard/api";
import { connectionPath } from "#dashboard/connection-path";
import type { Dashboard, DashboardDeps, DashboardEnv } from "#dashboard/dashboard-env";
import { formText, readForm } from "#dashboard/form";
import { SyncsPage } from "#dashboard/pages/syncs-page.tsx";
import { respond } from "#dashboard/respond.tsx";
import { doneAt, toldOf, type Told } from "#dashboard/told";
import { jobBodySchema } from "#http/schemas/job";
import { sourceConnectionSchema } from "#http/schemas/source-connection";
import { streamSchema } from "#http/schemas/stream";
import { apiOf, readConnection } from "./connection-data.ts";

/** As many as the plot shows. */
const JOBS = 30;

/** A connection's first page: what it is doing, and what it has done. */
export function connectionRoutes(app: Dashboard, { now }: DashboardDeps): void {
  app.get("/connections", (c) => c.redirect("/", 303));

  app.get("/connections/:id", (c) => show(c, toldOf(c.req.query("done"))));

  app.post("/connections/:id/run", async (c) => {
    const form = await readForm(c.req.raw);
    const query = new URLSearchParams({
      force_full_sync: String(formText(form, "mode") === "full"),
      confirm_deletes: String(formText(form, "confirm_deletes") === "yes"),
    });
    const sent = await c.get("api").send("POST", `${apiOf(c)}/run?${query.toString()}`, jobBodySchema);
    // Whoever asks for a sync while there is one gets to see it.
    if (sent.ok || sent.refusal.status === 409) return c.redirect(connectionPath(c.req.param("id")), 303);
    return show(c, { tone: "bad", text: sent.refusal.message }, 422);
  });

  app.post("/connections/:id/jobs/:job/cancel", async (c) => {
    const path = apiOf(c) + apiPath`/jobs/${c.req.param("job")}/cancel`;
    const sent = await c.get("api").send("POST", path, jobBodySchema);
    if (sent.ok) return c.redirect(doneAt(connectionPath(c.req.param("id")), "cancelling"), 303);
    return show(c, { tone: "warn", text: sent.refusal.message }, 409);
  });

  app.post("/connections/:id/reset", async (c) => {
    const stream = formText(await readForm(c.req.raw), "stream");
    const sent = await c.get("api").send("POST", apiOf(c) + apiPath`/streams/${stream}/reset`, sourceConnectionSchema);
    if (sent.ok) return c.redirect(doneAt(connectionPath(c.req.param("id")), "reset"), 303);
    return show(c, { tone: "bad", text: sent.refusal.message }, 409);
  });

  async function show(c: Context<DashboardEnv>, told: Told | null, status: ContentfulStatusCode = 200) {
    const api = c.get("api");
    const cursor = c.req.query("cursor");
    const query = new URLSearchParams({ limit: String(JOBS), ...(cursor === undefined ? {} : { cursor }) });
    const [connection, jobs, streams] = await Promise.all([
      readConnection(c),
      api.page(`${apiOf(c)}/jobs?${query.toString()}`, jobBodySchema.array()),
      api.get(`${apiOf(c)}/streams`, streamSchema.array()),
    ]);
    const { nextCursor } = jobs;
    const older =
      nextCursor === null ? null : `${connectionPath(connection.id)}?cursor=${encodeURIComponent(nextCursor)}`;
    return respond(
      c,
      { title: connection.name, section: "connections", scripts: ["live.js"], status },
      <SyncsPage connection={connection} jobs={jobs.value} streams={streams} older={older} told={told} now={now()} />,
    );
  }
}
