import { MINUTE_MS } from "#test/simulation/setting";
import type { View } from "#test/simulation/view";
import { hasEnded } from "./ended.ts";
import type { WatchedPromise } from "./promise.ts";

/** When the watchdog takes an alarm for lost (README, "How a sync runs"). */
const OVERDUE_MS = 2 * MINUTE_MS;

/** An object in memory leaves an alarm that it has set a minute to come. */
const LEFT_TO_COME_MS = MINUTE_MS;

/** Whoever lost its alarm has one again when cron has come by, as long as D1 knew that it is overdue. */
export class TheOverdueAreWoken implements WatchedPromise {
  #before: View | null = null;
  /** What the alarm was last set for. */
  #setFor = Number.NEGATIVE_INFINITY;

  breaches(view: View): string[] {
    const before = this.#before;
    this.#before = view;
    const { jobs, waiting, alarm, sweptAt, now } = view;
    this.#setFor = alarm.at ?? this.#setFor;
    // A round that took its time may have been told of it too late.
    if (before === null || sweptAt === before.sweptAt || sweptAt !== now) return [];
    if (alarm.at !== null || alarm.startedAt !== null || this.#setFor > now - LEFT_TO_COME_MS) return [];
    const isOverdue = (at: number | null | undefined) => at !== null && at !== undefined && at < sweptAt - OVERDUE_MS;
    const job = jobs.at(-1);
    const isActive = job !== undefined && !hasEnded(job.status);
    return [
      ...(isActive && isOverdue(before.projectedJobs.get(job.id)?.wakeAt)
        ? [`Job ${job.id} is overdue by D1's account, cron came by, and nobody woke it.`]
        : []),
      ...(waiting !== null && isOverdue(before.projectedConnection?.wakeAt)
        ? ["A run that deliveries wait for is overdue by D1's account, cron came by, and nobody woke its object."]
        : []),
    ];
  }
}
