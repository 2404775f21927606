import type { Job } from "#core/job";
import type { StreamProgress } from "#core/stream-state";
import type { SimulatedUpstream } from "#test/simulation/simulated-upstream";
import { DELETE_GUARD } from "#test/simulation/setting";
import type { View } from "#test/simulation/view";
import { hasEnded } from "./ended.ts";
import { LastLook, type WatchedPromise } from "./promise.ts";

/** A pass that would remove suspiciously much removes nothing, unless its caller said that it may; no other is held back. */
export class DeletesAreHeldBack implements WatchedPromise {
  readonly #last = new LastLook();
  readonly #upstream: SimulatedUpstream;
  /** What the streams' newest jobs had deleted under the config or credentials before these, where they began under them. */
  readonly #deletedBefore = new Map<string, { readonly jobId: string; readonly deleted: number }>();
  /** Jobs whose caller allowed it for what another config or other credentials showed. */
  readonly #outdated = new Set<string>();
  /** The newest job of the last look. */
  #newestId: string | null = null;
  #edition = 0;
  #credentialsChangedAt = 0;

  constructor(upstream: SimulatedUpstream) {
    this.#upstream = upstream;
  }

  breaches({ streams, jobs, connection, planning }: View): string[] {
    if (this.#last.isSame(streams, jobs, connection, planning, this.#upstream.hasLost)) return [];
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
    const edition = connection?.config.edition ?? this.#edition;
    const credentialsChangedAt = connection?.credentialsChangedAt ?? this.#credentialsChangedAt;
    // Where all had been read by then, orphans may be gone already, and the others follow.
    const isReadOn = credentialsChangedAt !== this.#credentialsChangedAt && isStillRead(newest, planning, own);
    if (edition !== this.#edition || isReadOn) {
      this.#noteDeleted(streams);
      if (this.#newestId !== null) this.#outdated.add(this.#newestId);
    }
    this.#edition = edition;
    this.#credentialsChangedAt = credentialsChangedAt;
    this.#newestId = newest?.id ?? null;
    return streams.flatMap(({ name, progress }) => {
      const job = jobs.find(({ id }) => id === progress?.jobId);
      if (progress === null || job === undefined) return [];
      if (job.deletesConfirmed && !this.#outdated.has(job.id)) return [];
      const earlier = this.#deletedBefore.get(name);
      const deleted = progress.counts.deleted - (earlier?.jobId === job.id ? earlier.deleted : 0);
      const { before } = progress;
      return isTooMuch(before, deleted)
        ? [`Job ${job.id} deleted ${deleted} of ${before} of ${name}, and nobody allowed it.`]
        : [];
    });
  }

  /** What was allowed then is not allowed any more. */
  #noteDeleted(streams: View["streams"]): void {
    for (const { name, progress } of streams) {
      if (progress !== null) this.#deletedBefore.set(name, { jobId: progress.jobId, deleted: progress.counts.deleted });
    }
  }
}

/** Is there something left that an active job has to read? */
function isStillRead(
  job: Job | undefined,
  planning: View["planning"],
  own: readonly { readonly progress: StreamProgress }[],
): boolean {
  if (job === undefined || hasEnded(job.status)) return false;
  const isPlanned = planning?.jobId === job.id && planning.isPlanned;
  return !isPlanned || own.some(({ progress: { phase } }) => phase !== "read" && phase !== "done");
}

function isTooMuch(before: number, deleted: number): boolean {
  return before >= DELETE_GUARD.minEntities && deleted > DELETE_GUARD.ratio * before;
}
