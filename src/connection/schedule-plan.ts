import { settled } from "#core/schedule";
import type { Connection } from "./connection-store.ts";
import { isPaused } from "./pause.ts";
import type { Stores } from "./stores.ts";

/** The moment, and how far due times are spread. */
export interface Timing {
  readonly now: number;
  readonly jitterMs: number;
}

/**
 * Gives the schedule its due times, or takes them away while the connection is paused: a time that passes meanwhile
 * is not made up for. Call in the transaction that changes the schedule or the status, before D1 is told.
 */
export function settlePlan(stores: Stores, timing: Timing): void {
  const { connection } = stores;
  const stored = connection.read();
  const plan = settled(stored.plan, stored.schedule, isPaused(stores), timing.now, spreadOf(stored, timing));
  if (plan.nextRunAt === stored.plan.nextRunAt && plan.nextFullAt === stored.plan.nextFullAt) return;
  connection.write({ ...stored, plan });
}

export function spreadOf({ id }: Connection, { jitterMs }: Timing) {
  return { key: id, jitterMs };
}
