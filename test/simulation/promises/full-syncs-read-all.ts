import type { ErrorCategory, Job } from "#core/job";
import type { StreamProgress, StreamState } from "#core/stream-state";
import type { View } from "#test/simulation/view";
import { LastLook, type WatchedPromise } from "./promise.ts";

/** The upstream was the reason for the end of a read, not what was read. */
const OUTSIDE: ReadonlySet<ErrorCategory> = new Set(["rate_limited", "source_unavailable"]);

/**
 * Where somebody asked for everything, a stream was reset, or its source lost the place, it is read from its beginning,
 * whatever is known; and so it is where the place at which the last job ended may be what is wrong.
 */
export class FullSyncsReadAll implements WatchedPromise {
  /** How each stream was read last. */
  readonly #last = new Map<string, StreamProgress>();
  /** Streams that were reset, and that no job has begun to read since. */
  readonly #reset = new Set<string>();
  readonly #lastLook = new LastLook();

  breaches({ streams, jobs }: View): string[] {
    if (this.#lastLook.isSame(streams, jobs)) return [];
    return streams.flatMap((stream) => {
      const { name, progress, reset } = stream;
      const last = this.#last.get(name);
      const wasReset = this.#reset.has(name);
      if (reset) this.#reset.add(name);
      else this.#reset.delete(name);
      if (progress === null || progress === last) return [];
      this.#last.set(name, progress);
      if (progress.restarts > 0 && !(progress.full && progress.cursor === null)) {
        return [`The source lost its place in ${name}, and not all of it is read.`];
      }
      if (last?.jobId === progress.jobId) return [];
      const failure = last?.failure ?? null;
      if (progress.isContinued && failure !== null && !OUTSIDE.has(failure.category)) {
        return [`Stream ${name} goes on where it failed: ${failure.message}`];
      }
      const job = jobs.find(({ id }) => id === progress.jobId);
      if (job?.forcedFull === true && progress.phase === "reading" && !readsAll(stream) && !isFirst(stream, last)) {
        return [`Job ${job.id} is to read all of ${name}, and goes on with a read of what was new.`];
      }
      return job !== undefined && (wasReset || isAskedFor(job)) && !readsAll(stream)
        ? [`Job ${job.id} is to read all of ${name}, and goes on from what is known.`]
        : [];
    });
  }
}

/** A schedule's full sync may go on with one that was not done yet. */
function isAskedFor({ forcedFull, trigger }: Job): boolean {
  return forcedFull && trigger !== "schedule";
}

/** Is everything still to be read for the first time, by what is known of the read that it may go on with? */
function isFirst({ cursor, progress }: StreamState, last: StreamProgress | undefined): boolean {
  return cursor === null && progress !== null && progress.full && (last === undefined || last.full);
}

function readsAll({ progress }: StreamState): boolean {
  return progress !== null && progress.full && progress.cursor === null && !progress.isContinued;
}
