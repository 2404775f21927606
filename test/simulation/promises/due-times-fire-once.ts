import type { Job } from "#core/job";
import type { Plan } from "#core/schedule";
import { FULL_SYNCS, MINUTE_MS, RUNS } from "#test/simulation/setting";
import type { StoredConnection } from "#test/simulation/stored";
import type { View } from "#test/simulation/view";
import { hasEnded } from "./ended.ts";
import { isPaused } from "./paused.ts";
import type { WatchedPromise } from "./promise.ts";

/**
 * A due time starts one job at most, and none is passed over: it starts a job, asks for one after the active job, or is
 * counted as skipped. A connection that is paused has no due times and starts nothing by itself; any other has the next.
 */
export class DueTimesFireOnce implements WatchedPromise {
  #before: View | null = null;

  breaches(view: View): string[] {
    const before = this.#before;
    this.#before = view;
    if (view.connection === null || view.connection.deletedAt !== null) return [];
    const breaches = [...(view.jobs === before?.jobs ? [] : doubled(view.jobs)), ...unsettled(view.connection, view)];
    if (before?.connection === null || before === null) return breaches;
    return [
      ...breaches,
      ...passedOver(before.connection, before, view),
      ...putOff(before.connection, before, view),
      ...fullPassedOver(before.connection, before, view),
      ...startedWhilePaused(before, view),
    ];
  }
}

/** As the schedule is, two regular runs never begin in the same five minutes. */
function doubled(jobs: readonly Job[]): string[] {
  const slots = new Map<string, number>();
  for (const job of jobs) if (job.trigger === "schedule") slots.set(slotOf(job), (slots.get(slotOf(job)) ?? 0) + 1);
  return [...slots].flatMap(([slot, count]) =>
    count > 1 ? [`${count} jobs were started for one due time (${slot}).`] : [],
  );
}

function slotOf({ forcedFull, createdAt }: Job): string {
  const { minutes, offset } = forcedFull ? FULL_SYNCS : RUNS;
  return `${forcedFull ? "full sync" : "run"} ${Math.floor((createdAt / MINUTE_MS - offset) / minutes)}`;
}

function unsettled({ schedule, plan, ...connection }: StoredConnection, { jobs, now }: View): string[] {
  const { nextRunAt, nextFullAt } = plan;
  const isDue = nextRunAt !== null || nextFullAt !== null;
  if (schedule === null || isPaused(connection, jobs.at(-1))) {
    return isDue ? [`Nothing is to start by itself, and the next run is due at ${nextRunAt ?? nextFullAt}.`] : [];
  }
  // A run ends a pause for refused credentials; the schedule goes on once it has begun.
  if (jobs.at(-1)?.status === "PENDING" && !isDue) return [];
  return [
    ...wrongTime("run", nextRunAt, schedule.cron === null ? null : RUNS, now),
    ...wrongTime("full sync", nextFullAt, schedule.full_sync_cron === null ? null : FULL_SYNCS, now),
  ];
}

function wrongTime(
  what: string,
  at: number | null,
  rhythm: { readonly minutes: number; readonly offset: number } | null,
  now: number,
): string[] {
  if ((at === null) !== (rhythm === null))
    return [`The next ${what} is due at ${at}, and that is not what its schedule says.`];
  if (at === null || rhythm === null) return [];
  if (at > now + rhythm.minutes * MINUTE_MS) return [`The next ${what} is due later than the time after this one.`];
  const isInRhythm = (at / MINUTE_MS - rhythm.offset) % rhythm.minutes === 0;
  return isInRhythm ? [] : [`The next ${what} is due at ${at}, which is no time of its schedule.`];
}

function passedOver(earlier: StoredConnection, before: View, { connection, jobs, followUp }: View): string[] {
  if (connection === null || connection.plan.handledDueAt === earlier.plan.handledDueAt) return [];
  const known = new Set(before.jobs.map(({ id }) => id));
  const isStarted = jobs.some(({ id, trigger }) => trigger === "schedule" && !known.has(id));
  const isCounted = connection.plan.skippedCount > earlier.plan.skippedCount;
  return isStarted || isCounted || followUp !== null || before.followUp !== null
    ? []
    : [`The due time ${connection.plan.handledDueAt} started nothing and is not counted as skipped.`];
}

/** A time that has come waits for whoever acts on it, whatever else happens to the connection meanwhile. */
function putOff(earlier: StoredConnection, before: View, { connection, jobs, followUp }: View): string[] {
  const newest = jobs.at(-1);
  if (connection === null || connection.modifiedAt !== earlier.modifiedAt || newest?.id !== before.jobs.at(-1)?.id)
    return [];
  // Twice changed at one moment it says so once.
  if (JSON.stringify(connection.schedule) !== JSON.stringify(earlier.schedule)) return [];
  if (isPaused(earlier, before.jobs.at(-1)) || isPaused(connection, newest)) return [];
  const { handledDueAt, skippedCount } = connection.plan;
  // Who is called for a time again may find that another has come meanwhile.
  const isSkipped = skippedCount !== earlier.plan.skippedCount;
  if (handledDueAt !== earlier.plan.handledDueAt || isSkipped || followUp !== null) return [];
  return (["nextRunAt", "nextFullAt"] as const).flatMap((which) => {
    const [at, later] = [earlier.plan[which], connection.plan[which]];
    return at === null || later === null || later === at
      ? []
      : [`The due time ${at} became ${later}, and nobody acted on it.`];
  });
}

/** A connection that is always busy gets its full sync all the same: after the job that reads less. */
function fullPassedOver({ plan: earlier }: StoredConnection, before: View, view: View): string[] {
  const { connection, jobs, followUp } = view;
  if (connection === null || connection.plan.handledDueAt === earlier.handledDueAt) return [];
  const { nextFullAt } = connection.plan;
  if (earlier.nextFullAt === null || nextFullAt === null || nextFullAt <= earlier.nextFullAt) return [];
  const known = new Set(before.jobs.map(({ id }) => id));
  const isStarted = jobs.some(({ id, forcedFull }) => forcedFull && !known.has(id));
  return isStarted || followUp?.forceFullSync === true || jobs.at(-1)?.mode === "full"
    ? []
    : [`The full sync of ${earlier.nextFullAt} fell out, and the active job reads what is new only.`];
}

function startedWhilePaused(before: View, view: View): string[] {
  const [earlier, later] = [before.connection, view.connection];
  if (earlier?.isPaused !== true || later?.isPaused !== true) return [];
  const newest = before.jobs.at(-1);
  // What was asked for before it was paused comes after the job that was active then.
  if (before.followUp !== null || (newest !== undefined && !hasEnded(newest.status))) return [];
  const known = new Set(before.jobs.map(({ id }) => id));
  return view.jobs
    .filter(({ id, trigger }) => !known.has(id) && (trigger === "schedule" || trigger === "webhook"))
    .map(({ id, trigger }) => `Job ${id} was started by ${trigger} while the connection is paused.`);
}

/** Has every due time that is over been dealt with? */
export function isUpToDate({ nextRunAt, nextFullAt }: Plan, now: number): boolean {
  return (nextRunAt ?? now + 1) > now && (nextFullAt ?? now + 1) > now;
}

/** The next of a plan's due times; null where there is none. */
export function earliestOf({ nextRunAt, nextFullAt }: Plan): number | null {
  const times = [nextRunAt, nextFullAt].filter((at) => at !== null);
  return times.length === 0 ? null : Math.min(...times);
}
