import { z } from "zod";

import { SPARK_JOBS } from "#dashboard/components/sparkline.tsx";
import type { Dashboard, DashboardDeps } from "#dashboard/dashboard-env";
import { FILTERS, SORTS } from "#dashboard/overview";
import { OverviewPage } from "#dashboard/pages/overview-page.tsx";
import { respond } from "#dashboard/respond.tsx";
import { toldOf } from "#dashboard/told";
import { overviewItemSchema } from "#http/schemas/source-connection";

/** As many as the API tells at once. */
const PAGE = 1000;

const querySchema = z.object({
  show: z.enum(FILTERS).catch("all"),
  q: z.string().max(200).catch(""),
  sort: z.enum(SORTS).catch("attention"),
  skip: z.coerce.number().int().min(0).catch(0),
});

export function overviewRoutes(app: Dashboard, { now }: DashboardDeps): void {
  app.get("/", async (c) => {
    const { show, q, sort, skip } = querySchema.parse(c.req.query());
    const path = `/v1/source-connections?limit=${PAGE}&skip=${skip}&recent_jobs=${SPARK_JOBS}`;
    const connections = await c.get("api").get(path, overviewItemSchema.array());
    const more = connections.length === PAGE ? `/?skip=${skip + PAGE}` : null;
    const request = { filter: show, search: q, sort };
    return respond(
      c,
      { title: "Connections", section: "connections", scripts: ["overview.js"] },
      <OverviewPage
        connections={connections}
        request={request}
        now={now()}
        more={more}
        told={toldOf(c.req.query("done"))}
      />,
    );
  });
}
