import type { Reply } from "#core/errors";
import type { Job } from "#core/job";
import { fire, type Verdict } from "#core/schedule";
import { announceConnection } from "./announce.ts";
import type { FireOutcome, RunRequest } from "./rpc.ts";
import { settlePlan, spreadOf, type Timing } from "./schedule-plan.ts";
import type { Stores } from "./stores.ts";

const OUTCOMES: Record<Verdict, FireOutcome> = {
  start: "started",
  start_full: "started",
  queue_full: "queued",
  skip: "skipped",
  repeated: "not_due",
  not_due: "not_due",
};

/** Deals with a due time in one transaction: the job, the next due time, and what D1 is told of both. */
export function fireSchedule(
  stores: Stores,
  timing: Timing,
  dueAt: number,
  run: (request: RunRequest) => Reply<Job>,
): FireOutcome {
  const { sql, connection, jobs } = stores;
  return sql.transaction(() => {
    const before = connection.read();
    const { schedule, deletedAt } = before;
    if (deletedAt === null) settlePlan(stores, timing);
    const stored = connection.read();
    // D1 does not know of it, and may be told by nobody else: the alarm may be lost.
    if (deletedAt !== null || schedule === null) {
      announceConnection(stores);
      return "not_due";
    }
    const activeMode = jobs.active()?.mode ?? null;
    const firing = { dueAt, now: timing.now, activeMode, spread: spreadOf(stored, timing) };
    const { verdict, plan } = fire(stored.plan, schedule, firing);
    // D1 knows already what the first call led to.
    if (verdict === "repeated" && stored === before) return "not_due";
    if (verdict === "start" || verdict === "start_full" || verdict === "queue_full") {
      run({
        trigger: "schedule",
        forceFullSync: verdict !== "start",
        onConflict: "queue",
        idempotencyKey: null,
        confirmDeletes: false,
      });
    }
    if (plan !== stored.plan) connection.write({ ...stored, plan });
    // Also where nothing is due: then D1 has a time that is not this object's, and learns the right one.
    announceConnection(stores);
    return OUTCOMES[verdict];
  });
}
