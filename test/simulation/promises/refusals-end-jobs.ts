import type { View } from "#test/simulation/view";
import { LastLook, type WatchedPromise } from "./promise.ts";

/** A source that refuses the credentials for one stream is not asked for the others: the job fails with the slice. */
export class RefusalsEndJobs implements WatchedPromise {
  readonly #last = new LastLook();
  breaches({ jobs, streams, planning }: View): string[] {
    if (this.#last.isSame(jobs, streams, planning)) return [];
    const job = jobs.at(-1);
    if (job?.status !== "RUNNING" || job.isAtWork) return [];
    // Where the streams are to be listed again, it is asked for them first.
    if (planning?.jobId !== job.id || !planning.isPlanned) return [];
    return streams.flatMap(({ name, progress }) =>
      progress?.jobId === job.id && progress.failure?.category === "api_key_invalid"
        ? [`Job ${job.id} goes on, and its credentials were refused for ${name}.`]
        : [],
    );
  }
}
