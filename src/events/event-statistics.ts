import { lowestIdAt } from "#core/event";
import { numberOf, type Sql } from "#storage/sql";
import { storedSubscriptions, visible } from "./subscription-store.ts";
import type { EventStatistics } from "./rpc.ts";

/** Attempts at messages that are younger are counted. */
const WINDOW_MS = 3_600_000;

/** What is counted one by one is counted up to here: beyond it, that there are so many is what matters. */
const COUNTED = 10_000;

export const NO_STATISTICS: EventStatistics = {
  subscriptions: { healthy: 0, degraded: 0, failing: 0, unknown: 0, disabled: 0 },
  queued: 0,
  overdueSince: null,
  attempts: { delivered: 0, failed: 0 },
};

/** How an organization's deliveries are going. Reads at most 20,000 small rows, and mostly a few. */
export function eventStatistics(sql: Sql, now: number): EventStatistics {
  const subscriptions = { ...NO_STATISTICS.subscriptions };
  let queued = 0;
  let overdueSince: number | null = null;
  for (const { id, disabled, health } of storedSubscriptions(sql).map(visible)) {
    subscriptions[disabled ? "disabled" : health] += 1;
    if (disabled) continue;
    const row = sql.first(
      `SELECT count(*) AS queued, coalesce(min(next_at), ?1) AS first_at
       FROM (SELECT next_at FROM queue WHERE subscription_id = ?2 ORDER BY next_at LIMIT ?3)`,
      now,
      id,
      Math.max(0, COUNTED - queued),
    );
    if (row === null) continue;
    queued += numberOf(row, "queued");
    const firstAt = numberOf(row, "first_at");
    if (firstAt < now) overdueSince = Math.min(overdueSince ?? firstAt, firstAt);
  }
  const [delivered, failed] = attemptsSince(sql, now - WINDOW_MS);
  return { subscriptions, queued, overdueSince, attempts: { delivered, failed } };
}

function attemptsSince(sql: Sql, at: number): [number, number] {
  const row = sql.first(
    `SELECT count(*) AS made, coalesce(sum(is_success), 0) AS delivered
     FROM (SELECT is_success FROM attempts WHERE message_id >= ? LIMIT ?)`,
    lowestIdAt(at),
    COUNTED,
  );
  if (row === null) return [0, 0];
  const delivered = numberOf(row, "delivered");
  return [delivered, numberOf(row, "made") - delivered];
}
