import { CannotOpen, isSealedWithOldKey, openCredentials, sealCredentials, type Sealed } from "#auth/credentials";
import type { Config } from "#config";
import { DEFAULT_DELETE_GUARD } from "#core/delete-guard";
import type { Job } from "#core/job";
import type { JsonObject } from "#core/json";
import { plannedEntry, postponedEntry } from "#core/planning-entries";
import { streamEntries } from "#core/stream-entries";
import type { ActiveStream } from "#core/stream-state";
import { log } from "#observability/log";
import { runSlice } from "#sync/run-slice";
import type { JobState, SliceOutcome } from "#sync/ports";
import { SourceFailure } from "#sources/source";
import type { JobControl } from "./job-control.ts";
import { sourceOf } from "./manifest-store.ts";
import { openSource, type OpenedSource } from "./source-opening.ts";
import type { Stores } from "./stores.ts";
import type { Surroundings } from "./surroundings.ts";

/**
 * How long a slice may be at work before it counts as dead: its budget, a request that began at the end of it, and
 * time to spare for applying the page.
 */
const LEASE_SPARE_MS = 60_000;

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
      const started = this.#control.record(job.id, {
        type: "slice_started",
        pages: this.#control.committedPages(job.id),
        leaseUntil:
          this.#around.now() + this.#worker.SLICE_BUDGET_MS + this.#worker.REQUEST_TIMEOUT_MS + LEASE_SPARE_MS,
      });
      onStarted();
      if (started.status !== "RUNNING") return;
      const outcome = await this.#work(started, slice);
      this.#current = null;
      const isOutdated = slice.signal.reason === OUTDATED;
      this.#recordOutcome(job.id, isOutdated ? { ...AT_ONCE, wakeAt: this.#around.now() } : outcome);
    } finally {
      this.#current = null;
      this.#control.watchers.wake();
    }
  }

  async #work(job: Job, slice: AbortController): Promise<SliceOutcome> {
    const startedAt = this.#around.now();
    const opened = await this.#open(job, slice.signal);
    if (opened instanceof SourceFailure) {
      const { message } = opened.failure;
      return { type: "finished", failures: [{ stream: null, category: "internal", message }] };
    }
    const { settings } = this.#stores.connection.read();
    // The last slice died, perhaps for want of memory: a page at a time needs the least.
    const isCautious = job.strikes > 1;
    const usage = () => ({ ms: this.#around.now() - startedAt, ...opened.usage() });
    const outcome = await runSlice({
      source: opened.source,
      budget: {
        ms: this.#worker.SLICE_BUDGET_MS,
        requests: this.#worker.SLICE_BUDGET_REQUESTS,
        bytes: this.#worker.SLICE_BUDGET_BYTES,
      },
      concurrency: isCautious ? 1 : this.#worker.STREAM_CONCURRENCY,
      prefetches: !isCautious,
      guard: {
        ratio: settings.delete_guard_ratio ?? DEFAULT_DELETE_GUARD.ratio,
        minEntities: settings.delete_guard_min_entities ?? DEFAULT_DELETE_GUARD.minEntities,
      },
      deletesConfirmed: job.deletesConfirmed,
      deadlineAt: job.deadlineAt,
      signal: slice.signal,
      now: () => this.#around.now(),
      random: () => this.#around.random(),
      usage,
      state: this.#jobState(job.id, slice),
    });
    const { ms, requests, bytes } = usage();
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
      if (isSealedWithOldKey(keys, sealed)) await this.#reseal(id, sealed, credentials);
      await this.#stores.keepsakes.reseal(keys, id);
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
  async #reseal(id: string, sealed: Sealed, credentials: JsonObject): Promise<void> {
    const resealed = await sealCredentials(this.#worker.SLUICE_ENCRYPTION_KEYS, id, credentials);
    const stored = this.#stores.connection.read();
    // Credentials that were replaced meanwhile are not the ones that were opened.
    if (stored.credentials === sealed) this.#stores.connection.write({ ...stored, credentials: resealed });
  }

  #recordOutcome(jobId: string, outcome: SliceOutcome): void {
    switch (outcome.type) {
      case "stopped":
        this.#control.record(jobId, { type: "stopped" });
        return;
      case "to_be_continued":
        this.#control.record(jobId, { type: "slice_ended", wakeAt: outcome.wakeAt, waiting: outcome.waiting });
        return;
      case "finished":
        this.#control.record(jobId, { type: "finished", failures: outcome.failures });
        return;
    }
  }

  #jobState(jobId: string, slice: AbortController): JobState {
    const { manifest, jobs, log: jobLog, streams, entities, sql } = this.#stores;
    // What it was broken off for may be in the same instant as its last page, which is one of before then.
    const isRunning = () => this.#current === slice && !slice.signal.aborted && jobs.read(jobId)?.status === "RUNNING";
    return {
      streams: () => (jobs.planning(jobId).isPlanned ? streams.activeIn(jobId) : null),
      planning: () => jobs.planning(jobId),
      plan: (listed) =>
        sql.transaction(() => {
          if (!isRunning()) return false;
          const job = jobs.read(jobId);
          const start = {
            jobId,
            forcedFull: job?.forcedFull === true,
            isScheduled: job?.trigger === "schedule",
            terms: manifest.read()?.revision ?? "",
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
          jobLog.append(jobId, [entry]);
          this.#control.watchers.wake();
          return true;
        }),
      postponePlanning: (planning) =>
        sql.transaction(() => {
          if (!isRunning()) return false;
          jobs.savePlanning({ jobId, isPlanned: false, ...planning });
          jobLog.append(jobId, [postponedEntry(planning, this.#around.now())]);
          this.#control.watchers.wake();
          return true;
        }),
      commit: (name, change) =>
        sql.transaction(() => {
          if (!isRunning()) return null;
          const state = streams.read(name);
          if (state === null || state.progress === null || state.progress.jobId !== jobId) return null;
          const before: ActiveStream = { ...state, progress: state.progress };
          const changed = change(before, entities);
          streams.write(changed);
          jobLog.append(jobId, streamEntries(before, changed, this.#around.now()));
          this.#control.watchers.wake();
          return changed;
        }),
    };
  }
}
