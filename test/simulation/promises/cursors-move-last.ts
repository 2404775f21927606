import type { View } from "#test/simulation/view";
import { LastLook, type WatchedPromise } from "./promise.ts";

interface Place {
  readonly jobId: string | undefined;
  readonly cursor: string;
}

/**
 * A cursor moves with the end of a read, after all that the read has to do: a job that fails, or is cancelled, before
 * that leaves it where it was, and the next one finds the deletes that were not made.
 */
export class CursorsMoveLast implements WatchedPromise {
  readonly #last = new LastLook();
  readonly #before = new Map<string, Place>();

  breaches({ streams }: View): string[] {
    if (this.#last.isSame(streams)) return [];
    return streams.flatMap(({ name, cursor, progress }) => {
      const before = this.#before.get(name);
      const place = { jobId: progress?.jobId, cursor: JSON.stringify(cursor) };
      this.#before.set(name, place);
      // A reset, or another config, takes it away; and what the job before did at its end may have come in between.
      if (progress === null || cursor === null || before?.jobId !== place.jobId) return [];
      if (place.cursor === before?.cursor || progress.phase === "done") return [];
      return [`The cursor of ${name} moved to ${place.cursor}, and its read is not done: it is ${progress.phase}.`];
    });
  }
}
