import { plannedEntry, postponedEntry } from "#core/planning-entries";
import { streamEntries } from "#core/stream-entries";
import type { ActiveStream } from "#core/stream-state";
import type { Stream } from "#sources/source";
import type { Copy } from "#sync/copy";
import type { JobState, Planning } from "#sync/ports";
import type { Stores } from "./stores.ts";
import type { Surroundings } from "./surroundings.ts";
import type { Watchers } from "./watchers.ts";

/** The state of a job as the object stores it, for the one slice that may be at work on it. */
export class StoredJobState implements JobState {
  readonly #jobId: string;
  readonly #stores: Stores;
  readonly #around: Pick<Surroundings, "now">;
  readonly #watchers: Watchers;
  readonly #isAtWork: () => boolean;

  /** @param isAtWork whether the slice that this is for is still the one at work */
  constructor(
    jobId: string,
    stores: Stores,
    around: Pick<Surroundings, "now">,
    watchers: Watchers,
    isAtWork: () => boolean,
  ) {
    this.#jobId = jobId;
    this.#stores = stores;
    this.#around = around;
    this.#watchers = watchers;
    this.#isAtWork = isAtWork;
  }

  streams(): readonly ActiveStream[] | null {
    const { jobs, streams } = this.#stores;
    return jobs.planning(this.#jobId).isPlanned ? streams.activeIn(this.#jobId) : null;
  }

  planning(): Planning {
    return this.#stores.jobs.planning(this.#jobId);
  }

  plan(listed: readonly Stream[]): boolean {
    const { connection, manifest, jobs, log, streams, sql } = this.#stores;
    const jobId = this.#jobId;
    return sql.transaction(() => {
      if (!this.#isRunning()) return false;
      const job = jobs.read(jobId);
      const start = {
        jobId,
        forcedFull: job?.forcedFull === true,
        isScheduled: job?.trigger === "schedule",
        terms: `${connection.read().credentialsChangedAt} ${manifest.read()?.revision ?? ""}`,
      };
      streams.begin(start, listed);
      jobs.savePlanning({ jobId, isPlanned: true, attempts: 0, retryAt: null, reason: null });
      const names = listed.map(({ name }) => name);
      const continued = streams.activeIn(jobId).filter(({ progress }) => progress.isContinued);
      const entry = plannedEntry(
        names,
        continued.map(({ name }) => name),
        this.#around.now(),
      );
      log.append(jobId, [entry]);
      this.#watchers.wake();
      return true;
    });
  }

  postponePlanning(planning: Planning): boolean {
    const { jobs, log, sql } = this.#stores;
    return sql.transaction(() => {
      if (!this.#isRunning()) return false;
      jobs.savePlanning({ jobId: this.#jobId, isPlanned: false, ...planning });
      log.append(this.#jobId, [postponedEntry(planning, this.#around.now())]);
      this.#watchers.wake();
      return true;
    });
  }

  commit(name: string, change: (stream: ActiveStream, copy: Copy) => ActiveStream): ActiveStream | null {
    const { streams, entities, log, sql } = this.#stores;
    return sql.transaction(() => {
      if (!this.#isRunning()) return null;
      const state = streams.read(name);
      if (state === null || state.progress === null || state.progress.jobId !== this.#jobId) return null;
      const before: ActiveStream = { ...state, progress: state.progress };
      const changed = change(before, entities);
      streams.write(changed);
      log.append(this.#jobId, streamEntries(before, changed, this.#around.now()));
      this.#watchers.wake();
      return changed;
    });
  }

  /** What a slice was broken off for may be in the same instant as its last page, which is one of before then. */
  #isRunning(): boolean {
    return this.#isAtWork() && this.#stores.jobs.read(this.#jobId)?.status === "RUNNING";
  }
}
