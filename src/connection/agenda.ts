import { dueAt } from "#core/job";
import { hookRunDueAt } from "./hook-run-due.ts";
import type { Stores } from "./stores.ts";

/** When a deleted connection looks again whether it can be emptied: calls that ask a source are over by then. */
const EMPTY_LATER_MS = 60_000;

/**
 * When what a connection has still to do is due, while no slice is at work; null for what there is not.
 *
 * @param isErasable whether it is deleted and can be emptied
 */
export function dueTimes(stores: Stores, now: number, isErasable: boolean): readonly (number | null)[] {
  const { connection, jobs, outbox, events } = stores;
  const isDeleted = connection.read().deletedAt !== null;
  const active = jobs.active();
  const jobDueAt = active === null ? null : dueAt(active, now);
  const hookDueAt = isDeleted ? null : hookRunDueAt(stores);
  // Whose call is under way arms it when that is over, unless the object dies before.
  const emptyAt = isDeleted ? now + (isErasable ? 0 : EMPTY_LATER_MS) : null;
  return [jobDueAt, hookDueAt, outbox.dueAt(now), events.dueAt(now), emptyAt];
}
