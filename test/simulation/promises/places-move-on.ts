import type { StreamProgress } from "#core/stream-state";
import { placeIn } from "#test/simulation/given-pages";
import type { View } from "#test/simulation/view";
import { LastLook, type WatchedPromise } from "./promise.ts";

/**
 * With each page that is committed the place moves from which the job goes on, and it is not given up: a job does not
 * read twice what it has. Only another config leads back to the beginning, and always does.
 */
export class PlacesMoveOn implements WatchedPromise {
  readonly #last = new LastLook();
  readonly #before = new Map<string, StreamProgress>();
  #edition = 0;

  breaches({ streams, connection }: View): string[] {
    if (this.#last.isSame(streams, connection)) return [];
    const edition = connection?.config.edition ?? this.#edition;
    const isAnotherConfig = edition !== this.#edition;
    this.#edition = edition;
    return streams.flatMap(({ name, progress }) => {
      const before = this.#before.get(name);
      if (progress === null || progress === before) return [];
      this.#before.set(name, progress);
      // The last page may be empty, and leave the place where it was; and what began anew may be there again.
      const { jobId, pages, phase, restarts } = progress;
      if (before?.jobId !== jobId || before.restarts !== restarts || phase !== "reading") return [];
      if (isAnotherConfig) return progress.checkpoint === null ? [] : [`Another config, and ${name} would go on.`];
      if (before.checkpoint !== null && progress.checkpoint === null) return [`Stream ${name} would be begun anew.`];
      if (pages <= before.pages) return [];
      return JSON.stringify(placeIn(progress.checkpoint)) === JSON.stringify(placeIn(before.checkpoint))
        ? [`Stream ${name} has read page ${pages}, and would go on from where it was before.`]
        : [];
    });
  }
}
