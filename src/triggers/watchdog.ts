import type { Overdue, SourceConnectionRpc } from "#connection/rpc";
import { log } from "#observability/log";
import {
  forgetConnection,
  forgetDeletedConnections,
  overdueWakes,
  postponeWakes,
} from "#records/connection-repository";
import { letJobsRest, overdueConnections, postponeJobs } from "#records/job-repository";
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
  readonly jobIds: readonly string[];
}

/** Jobs take up to half of the pokes before runs that wait do, so that neither keeps the other from being looked at. */
async function overdueObjects(db: D1Database, now: number): Promise<OverdueObject[]> {
  const request = { before: now - OVERDUE_MS, limit: POKES };
  const jobs = await overdueConnections(db, request);
  const wakes = await overdueWakes(db, request);
  const shareOfWakes = Math.max(POKES - jobs.length, POKES / 2);
  const chosen = wakes.slice(0, shareOfWakes).map((id) => ({ id, what: "wake" as const, jobIds: [] }));
  return [...jobs.slice(0, POKES - chosen.length).map((job) => ({ ...job, what: "job" as const })), ...chosen];
}

/**
 * Wakes the objects that are overdue by D1's account; one that fails to wake stops none of the others, and comes behind
 * those that are overdue by now when it is called again. What D1 says of connections that do not exist, as after it was
 * restored to an earlier time, is removed; of jobs that their objects do not keep any more, it is not listened to again.
 */
export async function watch({ db, gate, now }: Watchdog): Promise<WatchdogReport> {
  const overdue = await overdueObjects(db, now);
  const waiting = [...overdue];
  const failing: OverdueObject[] = [];
  const forgotten: string[] = [];
  const wake = async ({ id, what, jobIds }: OverdueObject): Promise<void> => {
    const answer = await inTime(() => gate(id).poke(what, jobIds));
    if (answer === null) await forgetConnection(db, id, now);
    else forgotten.push(...answer);
  };
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const called = next;
      await wake(called).catch(() => failing.push(called));
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  const failed = (wanted: Overdue) => failing.filter(({ what }) => what === wanted).map(({ id }) => id);
  await letJobsRest(db, forgotten);
  await postponeJobs(db, failed("job"), now - OVERDUE_MS);
  await postponeWakes(db, failed("wake"), now - OVERDUE_MS);
  await forgetDeletedConnections(db, now - TOMBSTONE_MS);
  const report: WatchdogReport = { poked: overdue.length, failed: failing.length };
  if (report.poked > 0) log({ event: "watchdog_ran", ...report });
  return report;
}
