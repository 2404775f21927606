import type { Overdue, SourceConnectionRpc } from "#connection/rpc";
import { log } from "#observability/log";
import { forgetConnection, forgetDeletedConnections, overdueWakes } from "#records/connection-repository";
import { overdueConnections } from "#records/job-repository";
import { inTime } from "./in-time.ts";

/** What should have been worked on this long ago has lost its alarm: alarms are late by a minute at most. */
const OVERDUE_MS = 120_000;

/** Objects poked in one invocation: on the free plan it may make 50 calls, and the next minute goes on. */
const POKES = 40;

/** Calls at a time: of the six that an invocation may have waiting for an answer, some are left for D1. */
const CONCURRENCY = 4;

/** How long D1 remembers that a connection was deleted: nothing about it is still on its way after a day. */
const TOMBSTONE_MS = 86_400_000;

export interface Watchdog {
  readonly db: D1Database;
  readonly gate: (connectionId: string) => SourceConnectionRpc;
  readonly now: number;
}

export interface WatchdogReport {
  readonly poked: number;
  readonly failed: number;
}

interface OverdueObject {
  readonly id: string;
  readonly what: Overdue;
}

/** Jobs take up to half of the pokes before runs that wait do, so that neither keeps the other from being looked at. */
async function overdueObjects(db: D1Database, now: number): Promise<OverdueObject[]> {
  const request = { before: now - OVERDUE_MS, limit: POKES };
  const jobs = await overdueConnections(db, request);
  const wakes = await overdueWakes(db, request);
  const shareOfWakes = Math.max(POKES - jobs.length, POKES / 2);
  const chosen = wakes.slice(0, shareOfWakes).map((id) => ({ id, what: "wake" as const }));
  return [...jobs.slice(0, POKES - chosen.length).map((id) => ({ id, what: "job" as const })), ...chosen];
}

/**
 * Wakes the objects that are overdue by D1's account; one that fails to wake stops none of the others. What D1 says
 * of connections that do not exist, as after it was restored to an earlier time, is removed.
 */
export async function watch({ db, gate, now }: Watchdog): Promise<WatchdogReport> {
  const overdue = await overdueObjects(db, now);
  const waiting = [...overdue];
  let failed = 0;
  const wake = async ({ id, what }: OverdueObject): Promise<void> => {
    if (!(await inTime(() => gate(id).poke(what)))) await forgetConnection(db, id, now);
  };
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      await wake(next).catch(() => (failed += 1));
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  await forgetDeletedConnections(db, now - TOMBSTONE_MS);
  const report: WatchdogReport = { poked: overdue.length, failed };
  if (report.poked > 0) log({ event: "watchdog_ran", ...report });
  return report;
}
