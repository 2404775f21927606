import { z } from "@hono/zod-openapi";

import type { Actor } from "#auth/actor";
import type { EventDeliveryRpc } from "#events/rpc";
import type { App, AppDeps } from "#http/app-env";
import { concurrently } from "#http/concurrently";
import { eventFamilies, type AskedOrganization } from "#http/metrics/event-families";
import { jobFamilies } from "#http/metrics/job-families";
import { operation } from "#http/operation";
import { unexpectedError } from "#observability/events";
import { log } from "#observability/log";
import { PROMETHEUS_TEXT, prometheusText } from "#observability/prometheus";
import { readMetrics } from "#records/metrics-repository";
import { listOrganizations } from "#records/organization-repository";

/**
 * Organizations whose deliveries are asked for one scrape, the oldest first. Each is a call of its object, of the 1,000
 * that an invocation may make on the free plan, and of what a scrape every few seconds costs.
 */
const ORGANIZATIONS_ASKED = 100;

const metrics = operation({
  method: "get",
  path: "/metrics",
  id: "metrics",
  tag: "Health",
  summary: "Metrics, in the text format of Prometheus",
  description:
    "Of the key's organization; with the root key of all of them together, and of the webhook deliveries of the first 100. Counters count from when D1 was set up.",
  request: {},
  answer: { "text/plain": { schema: z.string() } },
});

export function metricsRoutes(app: App, { events, now }: AppDeps): void {
  app.openapi(metrics, async (c) => {
    const actor = c.get("actor");
    const at = now();
    const organizationIds = await organizationsOf(c.env.DB, actor);
    const [known, asked] = await Promise.all([
      readMetrics(c.env.DB, actor.kind === "root" ? null : actor.organizationId, at),
      concurrently(organizationIds, (id) => ask(events(c.env, id), id, c.get("requestId"))),
    ]);
    const text = prometheusText([...jobFamilies(known), ...eventFamilies(asked, at)]);
    return c.body(text, 200, { "content-type": PROMETHEUS_TEXT });
  });
}

async function organizationsOf(db: D1Database, actor: Actor): Promise<string[]> {
  if (actor.kind !== "root") return [actor.organizationId];
  return (await listOrganizations(db, { skip: 0, limit: ORGANIZATIONS_ASKED })).map(({ id }) => id);
}

/** One that does not answer must not hide what the others say. */
async function ask(deliveries: EventDeliveryRpc, id: string, requestId: string): Promise<AskedOrganization> {
  try {
    return { id, statistics: await deliveries.statistics() };
  } catch (error) {
    log(unexpectedError("event statistics", requestId, error));
    return { id, statistics: null };
  }
}
