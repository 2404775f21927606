import type { View } from "#test/simulation/view";
import { LastLook, type WatchedPromise } from "./promise.ts";

/**
 * A source that refuses the credentials for one stream is not asked for the others: the job fails with the slice, and for
 * that reason, whatever else failed.
 */
export class RefusalsEndJobs implements WatchedPromise {
  readonly #last = new LastLook();
  breaches({ jobs, streams, planning }: View): string[] {
    if (this.#last.isSame(jobs, streams, planning)) return [];
    const job = jobs.at(-1);
    const isOver = job?.status === "FAILED" && job.errorCategory !== "api_key_invalid";
    if (job === undefined || !(isOver || (job.status === "RUNNING" && !job.isAtWork))) return [];
    // Where the streams are to be listed again, it is asked for them first.
    if (planning?.jobId !== job.id || !planning.isPlanned) return [];
    return streams.flatMap(({ name, progress }) =>
      progress?.jobId === job.id && progress.failure?.category === "api_key_invalid"
        ? [
            `Job ${job.id} ${isOver ? `failed as ${job.errorCategory}` : "goes on"}, and its credentials were refused for ${name}.`,
          ]
        : [],
    );
  }
}
