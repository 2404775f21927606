import type { StreamProgress } from "#core/stream-state";
import type { SimulatedUpstream } from "#test/simulation/simulated-upstream";
import { DELETE_GUARD } from "#test/simulation/setting";
import type { View } from "#test/simulation/view";
import type { WatchedPromise } from "./promise.ts";

/** A pass that would remove suspiciously much removes nothing, unless its caller said that it may; no other is held back. */
export class DeletesAreHeldBack implements WatchedPromise {
  readonly #upstream: SimulatedUpstream;
  /** The read of each stream, and what its job had deleted of it when that began, or was allowed to. */
  readonly #begun = new Map<string, { readonly read: string; readonly deleted: number }>();

  constructor(upstream: SimulatedUpstream) {
    this.#upstream = upstream;
  }

  breaches({ streams, jobs }: View): string[] {
    // A feed says itself what is gone.
    if (this.#upstream.manner === "changes") return [];
    const newest = jobs.at(-1);
    if (newest?.errorCategory === "deletes_held_back" && !this.#upstream.hasLost) {
      return [`Job ${newest.id} was held back, and nothing is gone.`];
    }
    const own = streams.flatMap(({ count, progress }) =>
      progress?.jobId === newest?.id && progress !== null ? [{ count, progress }] : [],
    );
    const isMuch = own.some(({ count, progress: { before, seen } }) => isTooMuch(before, count - seen));
    if (newest?.errorCategory === "deletes_held_back" && own.length > 0 && !isMuch) {
      return [`Job ${newest.id} was held back, and would not have deleted too much.`];
    }
    return streams.flatMap(({ name, progress }) => {
      const job = jobs.find(({ id }) => id === progress?.jobId);
      if (progress === null || job === undefined) return [];
      const { before, counts } = progress;
      const deleted = counts.deleted - this.#deletedBefore(name, progress, job.deletesConfirmed);
      return isTooMuch(before, deleted)
        ? [`Job ${job.id} deleted ${deleted} of ${before} of ${name}, and nobody allowed it.`]
        : [];
    });
  }

  /** What a job had deleted of a stream when it was begun, perhaps anew under another config, or was allowed to. */
  #deletedBefore(name: string, { jobId, terms, counts }: StreamProgress, isAllowed: boolean): number {
    const read = `${jobId} ${terms}`;
    const begun = this.#begun.get(name);
    if (begun?.read === read && !isAllowed) return begun.deleted;
    const isSameJob = begun?.read.startsWith(`${jobId} `) === true;
    const deleted = isSameJob || isAllowed ? counts.deleted : 0;
    this.#begun.set(name, { read, deleted });
    return deleted;
  }
}

function isTooMuch(before: number, deleted: number): boolean {
  return before >= DELETE_GUARD.minEntities && deleted > DELETE_GUARD.ratio * before;
}
