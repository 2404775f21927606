import { createMiddleware } from "hono/factory";

import type { DashboardEnv } from "./dashboard-env.ts";

/** Nothing but what this Worker serves, nothing inline, and forms that post only here. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join("; ");

/** What every answer of the dashboard carries, errors and redirects too. */
export const securityHeaders = createMiddleware<DashboardEnv>(async (c, next) => {
  await next();
  c.header("content-security-policy", POLICY);
  c.header("x-content-type-options", "nosniff");
  // With no referrer at all a browser would say `Origin: null` on forms, and they could not be told from forgeries.
  c.header("referrer-policy", "same-origin");
  c.header("cross-origin-opener-policy", "same-origin");
  c.header("cross-origin-resource-policy", "same-origin");
  c.header("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()");
  // Pages show what only their reader may see; assets say themselves how long they may be kept.
  if (!c.res.headers.has("cache-control")) c.header("cache-control", "private, no-store");
});
