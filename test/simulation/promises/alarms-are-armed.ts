import { HOOK_PERIODS } from "#test/simulation/setting";
import type { View } from "#test/simulation/view";
import { hasEnded } from "./ended.ts";
import { isPaused } from "./paused.ts";
import type { WatchedPromise } from "./promise.ts";

/** Longest pause between two tries to tell others. */
const TELLING_MS = 60_000;
/** A slice's budget, and a request that begins at the end of it. */
const SLICE_MS = 8_000;

/**
 * Whatever is still to be done, an alarm is set for it: none later than that is due. An alarm hands over to the next
 * when its budget is spent.
 */
export class AlarmsAreArmed implements WatchedPromise {
  breaches(view: View): string[] {
    const { connection, jobs, waiting, debounceMs, alarm, now } = view;
    if (alarm.startedAt !== null) {
      const lasted = now - alarm.startedAt;
      return lasted > SLICE_MS ? [`An alarm has been at work for ${lasted} ms.`] : [];
    }
    if (connection === null || alarm.isDoubtful) return [];
    const late = (what: string, dueAt: number): string[] => {
      if (alarm.at === null) return [`${what}, and no alarm is set.`];
      if (alarm.isRetry) return [];
      return alarm.at > Math.max(dueAt, now + 1) ? [`${what} at ${dueAt}, and the alarm is set for ${alarm.at}.`] : [];
    };
    const job = jobs.at(-1);
    const isActive = job !== undefined && !hasEnded(job.status);
    // A slice that died is taken up when the platform tries its alarm again.
    const jobDueAt = isActive && job.wakeAt !== null && !job.isAtWork ? job.wakeAt : now + ALL_DAY_MS;
    return [
      ...(isActive ? late(`Job ${job.id} is due`, jobDueAt) : []),
      ...(isToBeTold(view) ? late("D1 is to be told", now + TELLING_MS) : []),
      ...(waiting !== null && connection.deletedAt === null && !isPaused(connection, job)
        ? late("Deliveries wait for a run that is due", quietAt(waiting, debounceMs ?? 0))
        : []),
      ...(connection.deletedAt === null ? [] : late("The object is to be emptied", now + ALL_DAY_MS)),
    ];
  }
}

/** Longer than anything is put off. */
const ALL_DAY_MS = 86_400_000;

/** When it has been quiet for long enough, or the longest wait is over. */
export function quietAt({ firstAt, lastAt }: NonNullable<View["waiting"]>, periodMs: number): number {
  return Math.min(lastAt + periodMs, firstAt + HOOK_PERIODS * periodMs);
}

/** Rows that D1 has are removed when there is time. */
function isToBeTold({ outbox, projectedJobs, projectedConnection }: View): boolean {
  return [...outbox].some(([key, version]) => {
    const [kind, id = ""] = key.split(":");
    const told = kind === "job" ? projectedJobs.get(id) : projectedConnection;
    return (told?.version ?? 0) < version;
  });
}
