import { z } from "@hono/zod-openapi";

import { Misconfigured, readConfig } from "#config";
import type { App, AppDeps } from "#http/app-env";
import { operation } from "#http/operation";
import { organizationExists } from "#records/organization-repository";
import { DEFAULT_ORGANIZATION_ID } from "#auth/actor";
import { unexpectedError } from "#observability/events";
import { log } from "#observability/log";

const tag = "Health";
const check = z.object({
  status: z.enum(["up", "down"]),
  latency_ms: z.number().nullable(),
  error: z.string().nullable(),
});
const readySchema = z
  .object({ status: z.enum(["ready", "not_ready"]), checks: z.object({ config: check, d1: check }) })
  .openapi("Readiness");
type Check = z.infer<typeof check>;

const health = operation({
  method: "get",
  path: "/health",
  id: "health",
  tag,
  summary: "Is the Worker there?",
  request: {},
  answer: z.object({ status: z.literal("healthy") }),
  open: true,
});

const live = operation({
  method: "get",
  path: "/health/live",
  id: "live",
  tag,
  summary: "Does the Worker answer?",
  request: {},
  answer: z.object({ status: z.literal("alive") }),
  open: true,
});

const ready = operation({
  method: "get",
  path: "/health/ready",
  id: "ready",
  tag,
  summary: "Can the Worker do its work?",
  description: "Checks the configuration and D1; 503 with the same shape where either fails.",
  request: {},
  answer: readySchema,
  open: true,
});

export function healthRoutes(app: App, { now }: AppDeps): void {
  // Also under the base path that clients are given; the document names the first.
  for (const prefix of ["", "/v1"]) {
    const hide = prefix !== "";
    app.openapi({ ...health, path: `${prefix}${health.path}`, hide }, (c) => c.json({ status: "healthy" }));
    app.openapi({ ...live, path: `${prefix}${live.path}`, hide }, (c) => c.json({ status: "alive" }));
    app.openapi({ ...ready, path: `${prefix}${ready.path}`, hide }, async (c) => {
      const checks = { config: checkConfig(c.env), d1: await checkDatabase(c.env.DB, c.get("requestId"), now) };
      const isReady = Object.values(checks).every(({ status }) => status === "up");
      return c.json({ status: isReady ? "ready" : "not_ready", checks }, isReady ? 200 : 503);
    });
  }
}

function checkConfig(env: object): Check {
  try {
    readConfig(env);
    return { status: "up", latency_ms: null, error: null };
  } catch (thrown) {
    if (thrown instanceof Misconfigured) return { status: "down", latency_ms: null, error: thrown.message };
    throw thrown;
  }
}

/** What the database says goes to the log; the answer needs no key, so it says only that there is something. */
async function checkDatabase(db: D1Database, requestId: string, now: () => number): Promise<Check> {
  const startedAt = now();
  try {
    await organizationExists(db, DEFAULT_ORGANIZATION_ID);
    return { status: "up", latency_ms: now() - startedAt, error: null };
  } catch (thrown) {
    log(unexpectedError("health of D1", requestId, thrown));
    const error = "D1 can't be read. If this is a new deployment, apply the migrations.";
    return { status: "down", latency_ms: now() - startedAt, error };
  }
}
