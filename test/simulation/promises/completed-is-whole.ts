import type { View } from "#test/simulation/view";
import { LastLook, type WatchedPromise } from "./promise.ts";

/** A job that COMPLETED has brought each of its streams to its end. */
export class CompletedIsWhole implements WatchedPromise {
  readonly #last = new LastLook();

  breaches({ jobs, streams }: View): string[] {
    if (this.#last.isSame(jobs, streams)) return [];
    const completed = new Set(jobs.filter(({ status }) => status === "COMPLETED").map(({ id }) => id));
    return streams.flatMap(({ name, progress }) =>
      progress !== null && completed.has(progress.jobId) && progress.phase !== "done"
        ? [`Job ${progress.jobId} COMPLETED, and ${name} is ${progress.phase}.`]
        : [],
    );
  }
}
