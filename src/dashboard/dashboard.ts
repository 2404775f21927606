import { Hono } from "hono";

import { readConfig } from "#config";
import { requestLog } from "#http/middleware/request-log";
import { assetAt, assetPaths } from "./assets.ts";
import type { Dashboard, DashboardDeps, DashboardEnv } from "./dashboard-env.ts";
import { errorPage, missingPage, strangePage } from "./error-page.tsx";
import { connectionRoutes } from "./routes/connection.tsx";
import { copyRoutes } from "./routes/copy.tsx";
import { scheduleRoutes } from "./routes/schedule.tsx";
import { inboundWebhookRoutes } from "./routes/inbound-webhook.tsx";
import { settingsRoutes } from "./routes/settings.tsx";
import { jobRoutes } from "./routes/job.tsx";
import { connectRoutes } from "./routes/connect.tsx";
import { keyRoutes } from "./routes/keys.tsx";
import { manifestRoutes } from "./routes/manifests.tsx";
import { messageRoutes } from "./routes/messages.tsx";
import { overviewRoutes } from "./routes/overview.tsx";
import { signInRoutes } from "./routes/sign-in.tsx";
import { sourceRoutes } from "./routes/sources.tsx";
import { webhookRoutes } from "./routes/webhooks.tsx";
import { isFromOurPages } from "./same-origin.ts";
import { securityHeaders } from "./security-headers.ts";
import { signedIn } from "./signed-in.ts";

/** A year, which is what browsers take for ever. */
const FOR_EVER = "public, max-age=31536000, immutable";

/** The pages. What is registered before `signedIn` needs no session. */
export function createDashboard(deps: DashboardDeps): Dashboard {
  const app: Dashboard = new Hono<DashboardEnv>({ strict: false });
  app.onError(errorPage);
  app.notFound(missingPage);
  app.use(requestLog(deps));
  app.use(securityHeaders);

  app.get("/assets/*", async (c) => {
    const asset = await assetAt(c.req.path);
    if (asset === null) return c.text("Not found", 404);
    return c.body(asset.text, 200, { "content-type": `${asset.type}; charset=utf-8`, "cache-control": FOR_EVER });
  });

  app.use(async (c, next) => {
    c.set("assets", await assetPaths());
    c.set("config", readConfig(c.env));
    const isReading = c.req.method === "GET" || c.req.method === "HEAD";
    return isReading || isFromOurPages(c.req.raw) ? next() : strangePage(c);
  });
  signInRoutes(app, deps);

  app.use(signedIn(deps));
  overviewRoutes(app, deps);
  manifestRoutes(app);
  sourceRoutes(app);
  connectRoutes(app);
  keyRoutes(app, deps);
  messageRoutes(app, deps);
  webhookRoutes(app, deps);
  connectionRoutes(app, deps);
  jobRoutes(app, deps);
  copyRoutes(app, deps);
  scheduleRoutes(app, deps);
  inboundWebhookRoutes(app, deps);
  settingsRoutes(app);
  return app;
}
