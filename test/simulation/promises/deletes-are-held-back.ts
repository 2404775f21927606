import type { SimulatedUpstream } from "#test/simulation/simulated-upstream";
import { DELETE_GUARD } from "#test/simulation/setting";
import type { View } from "#test/simulation/view";
import type { WatchedPromise } from "./promise.ts";

/** A pass that would remove suspiciously much removes nothing, unless its caller said that it may; no other is held back. */
export class DeletesAreHeldBack implements WatchedPromise {
  readonly #upstream: SimulatedUpstream;

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
    return streams.flatMap(({ name, progress }) => {
      const job = jobs.find(({ id }) => id === progress?.jobId);
      if (progress === null || job === undefined || job.deletesConfirmed) return [];
      const { before, counts } = progress;
      const isTooMuch = before >= DELETE_GUARD.minEntities && counts.deleted > DELETE_GUARD.ratio * before;
      return isTooMuch
        ? [`Job ${job.id} deleted ${counts.deleted} of ${before} of ${name}, and nobody allowed it.`]
        : [];
    });
  }
}
