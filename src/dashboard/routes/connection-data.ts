import type { Context } from "hono";

import { apiPath } from "#dashboard/api";
import type { DashboardEnv } from "#dashboard/dashboard-env";
import { sourceConnectionSchema, type SourceConnectionBody } from "#http/schemas/source-connection";

/** The API's address of the connection that a page is about. */
export function apiOf(c: Context<DashboardEnv>): string {
  return apiPath`/v1/source-connections/${c.req.param("id") ?? ""}`;
}

/** The connection that a page is about. Throws ApiRefusal where there is none. */
export function readConnection(c: Context<DashboardEnv>): Promise<SourceConnectionBody> {
  return c.get("api").get(apiOf(c), sourceConnectionSchema);
}
