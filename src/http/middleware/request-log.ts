import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { matchedRoutes, routePath } from "hono/route";

import type { AppDeps, AppEnv } from "#http/app-env";
import { log } from "#observability/log";

/**
 * Gives the request its id, which every answer carries, and logs one line when the answer begins. A request that is made
 * for another one has the id of that, and is a part of what that one's line tells.
 */
export function requestLog({ newId, now, vouchedFor }: Pick<AppDeps, "newId" | "now" | "vouchedFor">) {
  return createMiddleware<AppEnv>(async (c, next) => {
    const startedAt = now();
    const madeFor = vouchedFor?.(c.req.raw) ?? null;
    const requestId = madeFor?.requestId ?? newId();
    c.set("requestId", requestId);
    await next();
    c.header("x-request-id", requestId);
    c.header("x-content-type-options", "nosniff");
    if (madeFor !== null) return;
    const actor = c.get("actor") ?? null;
    log({
      event: "request_answered",
      request_id: requestId,
      method: c.req.method,
      route: routeOf(c),
      status: c.res.status,
      duration_ms: now() - startedAt,
      organization_id: actor?.organizationId ?? null,
      key_id: actor?.keyId ?? null,
    });
  });
}

/** The pattern of the route itself: middleware that is registered after an open route matches its path too. */
function routeOf(c: Context<AppEnv>): string {
  return matchedRoutes(c).findLast(({ path }) => !path.endsWith("*"))?.path ?? routePath(c, -1);
}
