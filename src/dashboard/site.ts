import { createApp } from "#http/app";
import type { AppDeps, Vouched } from "#http/app-env";
import { createDashboard } from "./dashboard.ts";
import type { ApiHandler } from "./dashboard-env.ts";
import { isDashboardPath } from "./sections.ts";

/** The API, and the dashboard, which is a client of it. */
export function createSite(deps: AppDeps): ApiHandler {
  // Requests that the dashboard made itself. Nothing that comes from outside can be one of them.
  const vouched = new WeakMap<Request, Vouched>();
  const api = createApp({ ...deps, vouchedFor: (request) => vouched.get(request) ?? null });
  const dashboard = createDashboard({
    api,
    vouch: (request, known) => vouched.set(request, known),
    newId: deps.newId,
    now: deps.now,
  });
  return {
    fetch: (request, env) => (isDashboardPath(new URL(request.url).pathname) ? dashboard : api).fetch(request, env),
  };
}
