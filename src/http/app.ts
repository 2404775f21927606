import { OpenAPIHono } from "@hono/zod-openapi";

import { Refused } from "#core/errors";
import type { App, AppDeps, AppEnv } from "./app-env.ts";
import { errorResponse } from "./error-response.ts";
import { invalid, issuesOf } from "./issues.ts";
import { allowedMethods } from "./known-paths.ts";
import { authentication } from "./middleware/authentication.ts";
import { requestLog } from "./middleware/request-log.ts";
import { unreadBody } from "./middleware/unread-body.ts";
import { registerSecuritySchemes } from "./openapi.ts";
import { apiKeyRoutes } from "./routes/api-keys.ts";
import { collectionRoutes } from "./routes/collections.ts";
import { copyRoutes } from "./routes/copy.ts";
import { docsRoutes } from "./routes/docs.ts";
import { healthRoutes } from "./routes/health.ts";
import { hookRoutes } from "./routes/hooks.ts";
import { jobRoutes } from "./routes/jobs.ts";
import { jobWatchRoutes } from "./routes/job-watch.ts";
import { messageRoutes } from "./routes/messages.ts";
import { metricsRoutes } from "./routes/metrics.ts";
import { organizationRoutes } from "./routes/organizations.ts";
import { scheduleRoutes } from "./routes/schedules.ts";
import { sourceConnectionRoutes } from "./routes/source-connections.ts";
import { customSourceRoutes } from "./routes/custom-sources.ts";
import { sourceRoutes } from "./routes/sources.ts";
import { subscriptionRoutes } from "./routes/subscriptions.ts";
import { webhookRoutes } from "./routes/webhook.ts";

/** Where FastAPI's users expect to read which part of a request was wrong. */
const PLACE = {
  param: "path",
  query: "query",
  header: "header",
  json: "body",
  form: "body",
  cookie: "cookie",
} as const;

/** The HTTP API. The order matters: what is registered before the authentication needs no key. */
export function createApp(deps: AppDeps): App {
  const app = new OpenAPIHono<AppEnv>({
    strict: false,
    defaultHook: (result) => {
      if (!result.success) throw invalid(issuesOf(result.error, [PLACE[result.target]]));
    },
  });
  app.onError(errorResponse);
  app.notFound((c) => {
    const methods = allowedMethods(app, c.req.path);
    if (methods.length === 0) {
      const message = "There is nothing at this address. GET /docs lists what there is.";
      return errorResponse(new Refused({ code: "not_found", message }), c);
    }
    c.header("allow", methods.join(", "));
    return c.json({ detail: `Method not allowed. This address answers to ${methods.join(", ")}.` }, 405);
  });
  app.use(requestLog(deps));
  app.use(unreadBody);
  registerSecuritySchemes(app);

  healthRoutes(app, deps);
  docsRoutes(app, deps);
  hookRoutes(app, deps);
  const authenticated = authentication(deps);
  app.use("/metrics", authenticated);
  app.use("/v1/*", authenticated);
  metricsRoutes(app, deps);
  sourceConnectionRoutes(app, deps);
  jobRoutes(app, deps);
  jobWatchRoutes(app, deps);
  copyRoutes(app, deps);
  scheduleRoutes(app, deps);
  webhookRoutes(app, deps);
  collectionRoutes(app, deps);
  sourceRoutes(app);
  customSourceRoutes(app, deps);
  apiKeyRoutes(app, deps);
  organizationRoutes(app, deps);
  subscriptionRoutes(app, deps);
  messageRoutes(app, deps);
  return app;
}
