import { isTerminal } from "#core/job";
import { MINUTE_MS } from "#test/simulation/setting";
import type { View } from "#test/simulation/view";
import type { WatchedPromise } from "./promise.ts";

/** When the watchdog takes an alarm for lost (README, "How a sync runs"). */
const OVERDUE_MS = 2 * MINUTE_MS;

/** Whoever lost its alarm has one again when cron has come by, as long as D1 knows that it is overdue. */
export class TheOverdueAreWoken implements WatchedPromise {
  breaches({ jobs, projectedJobs, projectedConnection, waiting, alarm, sweptAt }: View): string[] {
    if (sweptAt === null || alarm.at !== null || alarm.startedAt !== null) return [];
    const isOverdue = (at: number | null | undefined) => at !== null && at !== undefined && at < sweptAt - OVERDUE_MS;
    const job = jobs.at(-1);
    const isActive = job !== undefined && !isTerminal(job.status);
    return [
      ...(isActive && isOverdue(projectedJobs.get(job.id)?.wakeAt)
        ? [`Job ${job.id} is overdue by D1's account, cron came by, and nobody woke it.`]
        : []),
      ...(waiting !== null && isOverdue(projectedConnection?.wakeAt)
        ? ["A run that deliveries wait for is overdue by D1's account, cron came by, and nobody woke its object."]
        : []),
    ];
  }
}
