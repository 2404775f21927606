import type { StreamFailure } from "#core/job";
import type { SliceBudget } from "#core/slice";
import { startOfRead, type ReadStart } from "#core/read-start";
import type { ActiveStream, StreamState } from "#core/stream-state";
import { DEFAULT_DELETE_GUARD, type DeleteGuard } from "#core/delete-guard";
import type { OpenSource, Stream } from "#sources/source";
import type { JobState, Planning, SliceOutcome, SlicePorts } from "#sync/ports";
import { runSlice } from "#sync/run-slice";
import { AT, HOUR_MS } from "./builders.ts";
import { MemoryCopy } from "./memory-copy.ts";

/** What a process that died throws from then on: nothing of it reaches storage any more. */
class Died extends Error {
  override readonly name = "Died";
}

export interface Crash {
  /** Commits that succeed before it. */
  readonly afterCommits: number;
  /** Dies inside the next transaction, which is rolled back; or else right after it. */
  readonly inside: boolean;
}

/** Slices that a test job may take: more than that is a loop. */
const SLICE_LIMIT = 2_000;

/** A connection's storage in memory, and jobs that run over it as a connection's object would run them. */
export class MemorySync {
  readonly copy = new MemoryCopy();
  readonly #streams = new Map<string, StreamState>();
  #jobs = 0;
  /** Epoch milliseconds. Moves when a job waits. */
  now = AT;

  stream(name: string): StreamState {
    const state = this.#streams.get(name);
    if (state === undefined) throw new Error(`There is no stream "${name}".`);
    return state;
  }

  get streams(): readonly StreamState[] {
    return [...this.#streams.values()];
  }

  /** A new job: what an earlier one had seen proves nothing for it. */
  begin(start: Partial<Omit<ReadStart, "jobId">> = {}): MemoryJob {
    this.#jobs += 1;
    this.copy.clearAllMarks();
    return new MemoryJob(this, this.#streams, `job-${this.#jobs}`, { ...ANY_START, ...start });
  }
}

export interface SliceOptions {
  readonly source: OpenSource;
  readonly budget?: SliceBudget;
  readonly concurrency?: number;
  readonly prefetches?: boolean;
  readonly guard?: DeleteGuard;
  readonly deletesConfirmed?: boolean;
  readonly deadlineAt?: number;
  readonly signal?: AbortSignal;
  readonly random?: () => number;
  readonly usage?: SlicePorts["usage"];
  readonly crash?: Crash | null;
}

const ANY_START = { forcedFull: false, isScheduled: false, terms: "" };
const PLENTY: SliceBudget = { ms: 1, requests: 1_000_000, bytes: 1 };
const FOREVER = new AbortController().signal;

export class MemoryJob {
  readonly id: string;
  readonly #sync: MemorySync;
  readonly #streams: Map<string, StreamState>;
  readonly #start: Omit<ReadStart, "jobId">;
  #isPlanned = false;
  #planning: Planning = { attempts: 0, retryAt: null, reason: null };
  /** False once it was cancelled: no change is accepted any more. */
  isRunning = true;

  constructor(sync: MemorySync, streams: Map<string, StreamState>, id: string, start: Omit<ReadStart, "jobId">) {
    this.#sync = sync;
    this.#streams = streams;
    this.id = id;
    this.#start = start;
  }

  get active(): readonly ActiveStream[] {
    return [...this.#streams.values()].filter((state): state is ActiveStream => state.progress?.jobId === this.id);
  }

  /** One slice. Throws Died where it was told to die. */
  async slice(options: SliceOptions): Promise<SliceOutcome> {
    return runSlice({
      source: options.source,
      budget: options.budget ?? PLENTY,
      concurrency: options.concurrency ?? 2,
      prefetches: options.prefetches ?? true,
      guard: options.guard ?? DEFAULT_DELETE_GUARD,
      deletesConfirmed: options.deletesConfirmed ?? false,
      deadlineAt: options.deadlineAt ?? AT + 1_000 * HOUR_MS,
      signal: options.signal ?? FOREVER,
      now: () => this.#sync.now,
      random: options.random ?? (() => 0.5),
      usage: options.usage ?? (() => ({ ms: 0, requests: 0, bytes: 0 })),
      state: this.state(options.crash ?? null),
    });
  }

  /** Slices until the job has ended, through every wait and every death. */
  async run(optionsOf: (slice: number) => SliceOptions): Promise<readonly StreamFailure[]> {
    for (let slice = 0; slice < SLICE_LIMIT; slice += 1) {
      const outcome = await this.slice(optionsOf(slice)).catch((error: unknown) => {
        if (error instanceof Died) return null;
        throw error;
      });
      if (outcome?.type === "finished") return outcome.failures;
      if (outcome?.type === "stopped") throw new Error("The job stopped by itself.");
      if (outcome !== null) this.#sync.now = Math.max(this.#sync.now, outcome.wakeAt);
    }
    throw new Error("The job does not come to an end.");
  }

  /** The stored state as one process sees it: one that can die. */
  state(crash: Crash | null = null): JobState {
    let commits = 0;
    let isDead = false;
    const refuseTheDead = () => {
      if (isDead) throw new Died("This process is dead.");
    };
    return {
      streams: () => (this.#isPlanned ? this.active : null),
      planning: () => this.#planning,
      plan: (streams) => {
        refuseTheDead();
        if (!this.isRunning) return false;
        for (const stream of streams) this.#begin(stream);
        this.#isPlanned = true;
        return true;
      },
      postponePlanning: (planning) => {
        refuseTheDead();
        this.#planning = planning;
        return this.isRunning;
      },
      commit: (name, change) => {
        refuseTheDead();
        if (!this.isRunning) return null;
        const dies = crash !== null && commits === crash.afterCommits;
        commits += 1;
        const changed = this.#sync.copy.transaction(() => {
          const state = this.active.find((each) => each.name === name);
          if (state === undefined) throw new Error(`The job does not read "${name}".`);
          // Through JSON, as storage does it: what can't be stored does not come back.
          const after: ActiveStream = JSON.parse(JSON.stringify(change(state, this.#sync.copy)));
          if (dies && crash.inside) {
            isDead = true;
            throw new Died("Killed inside a transaction.");
          }
          this.#streams.set(name, after);
          return after;
        });
        if (dies) {
          isDead = true;
          throw new Died("Killed after a transaction.");
        }
        return changed;
      },
    };
  }

  #begin(stream: Stream): void {
    const state = this.#streams.get(stream.name) ?? {
      name: stream.name,
      number: this.#streams.size,
      count: 0,
      nextEntityNumber: 0,
      cursor: null,
      lastChangedAt: null,
      reset: false,
      progress: null,
    };
    const progress = startOfRead(state, stream, { ...this.#start, jobId: this.id });
    this.#streams.set(stream.name, { ...state, progress });
  }
}
