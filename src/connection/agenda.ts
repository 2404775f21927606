import { dueAt } from "#core/job";
import { hookRunDueAt } from "./hook-run-due.ts";
import type { Stores } from "./stores.ts";

/** When what a connection has still to do is due, while no slice is at work; null for what there is not. */
export function dueTimes(stores: Stores, now: number): readonly (number | null)[] {
  const { connection, jobs, outbox, events } = stores;
  const active = jobs.active();
  const jobDueAt = active === null ? null : dueAt(active, now);
  const hookDueAt = connection.read().deletedAt === null ? hookRunDueAt(stores) : null;
  return [jobDueAt, hookDueAt, outbox.dueAt(now), events.dueAt(now)];
}
