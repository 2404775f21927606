import type { EventStatistics } from "#events/rpc";
import type { MetricFamily } from "#observability/prometheus";
import { gauge } from "./job-families.ts";

/** What an organization's deliveries answered; null where they did not. */
export interface AskedOrganization {
  readonly id: string;
  readonly statistics: EventStatistics | null;
}

/** Metrics of webhooks out, for each organization that was asked. */
export function eventFamilies(asked: readonly AskedOrganization[], now: number): MetricFamily[] {
  const answered = asked.flatMap(({ id, statistics }) => (statistics === null ? [] : [{ id, ...statistics }]));
  return [
    gauge(
      "sluice_event_subscriptions",
      "Webhook subscriptions, by how their deliveries have been going.",
      answered.flatMap(({ id, subscriptions }) =>
        Object.entries(subscriptions).map(([health, value]) => ({ labels: { organization_id: id, health }, value })),
      ),
    ),
    gauge(
      "sluice_event_deliveries_queued",
      "Deliveries that are still to be made, up to 10,000.",
      answered.map(({ id, queued }) => ({ labels: { organization_id: id }, value: queued })),
    ),
    gauge(
      "sluice_event_delivery_lag_seconds",
      "How long the longest overdue delivery has been due.",
      answered.map(({ id, overdueSince }) => ({
        labels: { organization_id: id },
        value: overdueSince === null ? 0 : Math.max(0, now - overdueSince) / 1000,
      })),
    ),
    gauge(
      "sluice_event_attempts",
      "Attempts at events of the last hour, up to 10,000.",
      answered.flatMap(({ id, attempts }) =>
        Object.entries(attempts).map(([outcome, value]) => ({ labels: { organization_id: id, outcome }, value })),
      ),
    ),
    gauge("sluice_event_organizations", "Organizations whose deliveries were asked, and whether they answered.", [
      { labels: { answered: "true" }, value: answered.length },
      { labels: { answered: "false" }, value: asked.length - answered.length },
    ]),
  ];
}
