import { apiPath } from "#dashboard/api";
import type { Dashboard, DashboardDeps } from "#dashboard/dashboard-env";
import { JobPage } from "#dashboard/pages/job-page.tsx";
import { respond } from "#dashboard/respond.tsx";
import { jobBodySchema } from "#http/schemas/job";
import { jobLogSchema } from "#http/schemas/job-log";
import { apiOf, readConnection } from "./connection-data.ts";

/** A job's page, and its progress as it happens. */
export function jobRoutes(app: Dashboard, { now }: DashboardDeps): void {
  app.get("/connections/:id/jobs/:job", async (c) => {
    const api = c.get("api");
    const path = apiOf(c) + apiPath`/jobs/${c.req.param("job")}`;
    const [connection, job, log] = await Promise.all([
      readConnection(c),
      api.get(path, jobBodySchema),
      api.get(`${path}/log?limit=1000`, jobLogSchema),
    ]);
    return respond(
      c,
      { title: `Sync of ${connection.name}`, section: "connections", scripts: ["live.js"] },
      <JobPage job={job} name={connection.name} log={log} now={now()} />,
    );
  });

  // The API's own stream: a browser has a session, which the API does not take.
  app.get("/connections/:id/jobs/:job/events", (c) => {
    const seen = c.req.header("last-event-id");
    const path = `${apiOf(c)}${apiPath`/jobs/${c.req.param("job")}`}/events`;
    return c.get("api").raw(path, seen === undefined ? {} : { "last-event-id": seen });
  });
}
