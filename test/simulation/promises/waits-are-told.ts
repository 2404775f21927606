import type { View } from "#test/simulation/view";
import { LastLook, type WatchedPromise } from "./promise.ts";

/** While nothing is done for a job, it says until when; it says so at no other time, and waits for nothing but its own. */
export class WaitsAreTold implements WatchedPromise {
  readonly #last = new LastLook();

  breaches({ jobs, planning, now }: View): string[] {
    const job = jobs.at(-1);
    if (job === undefined || this.#last.isSame(job)) return [];
    const { id, status, isAtWork, wakeAt, waiting } = job;
    const isIdle = status === "RUNNING" && !isAtWork;
    if (waiting !== null && !isIdle) return [`Job ${id} says that it waits, and is ${isAtWork ? "at work" : status}.`];
    if (waiting !== null && waiting.until !== wakeAt) {
      return [`Job ${id} says that it waits until ${waiting.until}, and wakes at ${wakeAt}.`];
    }
    if (waiting !== null && planning?.jobId !== id) {
      return [`Job ${id} waits until ${waiting.until}, for something that another job had met.`];
    }
    return isIdle && waiting === null && (wakeAt ?? now) > now
      ? [`Job ${id} waits until ${wakeAt}, and does not say so.`]
      : [];
  }
}
