import { CannotOpen, openCredentials, resealed, type Sealed } from "#auth/credentials";
import type { Config } from "#config";
import { deleteGuard } from "#core/delete-guard";
import type { Job } from "#core/job";
import type { SliceUsage } from "#core/slice";
import { log } from "#observability/log";
import { runSlice } from "#sync/run-slice";
import { conclude } from "#sync/slice-end";
import type { SliceOutcome } from "#sync/ports";
import { SourceFailure } from "#sources/source";
import type { JobControl } from "./job-control.ts";
import { StoredJobState } from "./job-state.ts";
import { sourceOf } from "./manifest-store.ts";
import { recordOutcome, recordStart } from "./slice-record.ts";
import { openSource, type OpenedSource } from "./source-opening.ts";
import type { Stores } from "./stores.ts";
import type { Surroundings } from "./surroundings.ts";

/** Why a slice is broken off whose job goes on. */
const OUTDATED = new DOMException("What the slice works with was replaced.", "AbortError");

const AT_ONCE = { type: "to_be_continued", waiting: null } as const;

/** The one slice that may be at work in this object. */
export class SliceWork {
  readonly #stores: Stores;
  readonly #control: JobControl;
  readonly #worker: Config;
  readonly #around: Surroundings;
  #current: AbortController | null = null;

  constructor(stores: Stores, control: JobControl, worker: Config, around: Surroundings) {
    this.#stores = stores;
    this.#control = control;
    this.#worker = worker;
    this.#around = around;
  }

  get isAtWork(): boolean {
    return this.#current !== null;
  }

  /** Breaks the slice off at once, its requests included. */
  abort(): void {
    this.#current?.abort(new DOMException("The job is no longer running.", "AbortError"));
  }

  /** Breaks the slice off so that the next one begins with what is stored now. */
  restart(): void {
    this.#current?.abort(OUTDATED);
  }

  /** Works on the job for one slice's budget and records how it ended. `onStarted` is called once it has begun. */
  async run(job: Job, onStarted: () => void): Promise<void> {
    const slice = new AbortController();
    this.#current = slice;
    try {
      const started = recordStart(this.#control, job.id, this.#worker, this.#around.now());
      onStarted();
      if (started.status !== "RUNNING") return;
      const outcome = await this.#work(started, slice);
      this.#current = null;
      const isOutdated = slice.signal.reason === OUTDATED;
      recordOutcome(this.#control, job.id, isOutdated ? { ...AT_ONCE, wakeAt: this.#around.now() } : outcome);
    } finally {
      this.#current = null;
      this.#control.watchers.wake();
    }
  }

  async #work(job: Job, slice: AbortController): Promise<SliceOutcome> {
    const startedAt = this.#around.now();
    const { settings } = this.#stores.connection.read();
    const isAtWork = () => this.#current === slice && !slice.signal.aborted;
    const ends = {
      guard: deleteGuard(settings.delete_guard_ratio, settings.delete_guard_min_entities),
      deletesConfirmed: job.deletesConfirmed,
      now: () => this.#around.now(),
      state: new StoredJobState(job.id, this.#stores, this.#around, this.#control.watchers, isAtWork),
    };
    // Some orphans may be gone already, so whether the source can be opened must not fail the job any more.
    if (this.#control.progress(job.id).hasRead) {
      return this.#told(job, conclude(ends), { ms: 0, requests: 0, bytes: 0 });
    }
    const opened = await this.#open(job, slice.signal);
    if (opened instanceof SourceFailure) {
      const { message } = opened.failure;
      return { type: "finished", failures: [{ stream: null, category: "internal", message }] };
    }
    // The last slice died, perhaps for want of memory: a page at a time needs the least.
    const isCautious = job.strikes > 1;
    const usage = () => ({ ms: this.#around.now() - startedAt, ...opened.usage() });
    const outcome = await runSlice({
      ...ends,
      source: opened.source,
      budget: {
        ms: this.#worker.SLICE_BUDGET_MS,
        requests: this.#worker.SLICE_BUDGET_REQUESTS,
        bytes: this.#worker.SLICE_BUDGET_BYTES,
      },
      concurrency: isCautious ? 1 : this.#worker.STREAM_CONCURRENCY,
      prefetches: !isCautious,
      deadlineAt: job.deadlineAt,
      signal: slice.signal,
      random: () => this.#around.random(),
      usage,
    });
    return this.#told(job, outcome, usage());
  }

  /** Says in the log how a slice ended. */
  #told(job: Job, outcome: SliceOutcome, { ms, requests, bytes }: SliceUsage): SliceOutcome {
    log({
      event: "slice_ended",
      source_connection_id: job.connectionId,
      job_id: job.id,
      outcome: outcome.type,
      waiting: outcome.type === "to_be_continued" ? outcome.waiting : null,
      waiting_ms: outcome.type === "to_be_continued" ? Math.max(0, outcome.wakeAt - this.#around.now()) : 0,
      duration_ms: ms,
      requests,
      bytes,
    });
    return outcome;
  }

  /** What can't be opened now will not open on a retry either, so that is an answer and no exception. */
  async #open(job: Job, signal: AbortSignal): Promise<OpenedSource | SourceFailure> {
    const { id, shortName, config, credentials: sealed } = this.#stores.connection.read();
    try {
      const keys = this.#worker.SLUICE_ENCRYPTION_KEYS;
      const credentials = await openCredentials(keys, id, sealed);
      await this.#reseal(id, sealed);
      await this.#stores.keepsakes.reseal(keys, id);
      await this.#stores.hooks.reseal(keys, id);
      const keepsakes = this.#stores.keepsakes.open(keys, id);
      // A job keeps the version that it began to read with: its checkpoints are of that one.
      if (!this.#stores.jobs.planning(job.id).isPlanned) await this.#stores.manifest.refresh();
      const settings = { shortName, brought: await sourceOf(this.#stores.manifest.read()), config, credentials };
      return openSource(settings, this.#worker, keepsakes, signal, this.#around);
    } catch (error) {
      if (error instanceof SourceFailure) return error;
      if (error instanceof CannotOpen) return new SourceFailure({ kind: "internal", message: error.message });
      throw error;
    }
  }

  /** After a sync an old key is not needed any more, as far as this connection goes. */
  async #reseal(id: string, sealed: Sealed): Promise<void> {
    const credentials = await resealed(this.#worker.SLUICE_ENCRYPTION_KEYS, id, sealed);
    const stored = this.#stores.connection.read();
    // Credentials that were replaced meanwhile are not the ones that were opened.
    if (credentials !== null && stored.credentials === sealed) {
      this.#stores.connection.write({ ...stored, credentials });
    }
  }
}
