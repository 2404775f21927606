import type { StoredJobState } from "#connection/job-state";
import type { DeleteGuard } from "#core/delete-guard";
import type { Job } from "#core/job";
import type { SliceBudget } from "#core/slice";
import type { ActiveStream } from "#core/stream-state";
import type { Page } from "#sources/source";
import { commitFailure, commitPage, cutOff } from "#sync/page-outcome";
import { PageTurns } from "#sync/page-turns";
import type { SliceOutcome } from "#sync/ports";
import { isReadable } from "#sync/read-stream";
import { activeStreams, conclude, hasBadCredentials, planningFailed } from "#sync/slice-end";
import type { KernelSource } from "./kernel-source.ts";

/** What a slice is given. */
export interface KernelSliceTerms {
  readonly job: Job;
  readonly state: StoredJobState;
  readonly source: KernelSource;
  readonly budget: SliceBudget;
  /** Streams read side by side. */
  readonly concurrency: number;
  readonly guard: DeleteGuard;
  readonly now: () => number;
  readonly random: () => number;
}

/** An answer of the source that is on its way: of a stream, or, with null, the listing of the streams. */
interface Arriving {
  readonly stream: ActiveStream | null;
  readonly at: number;
  /** Throws where it is a failure; null where the source just stops. */
  readonly answer: () => Page | null;
}

const STOPPED = { type: "stopped" } as const;

/**
 * A slice out of time: it asks for pages as `sync/run-slice.ts` does, and what becomes of each is decided and committed by
 * the same code; but whoever plays it says when a page comes. Nothing is awaited.
 */
export class KernelSlice {
  readonly job: Job;
  /** Its requests are broken off: because the job is over, or because the slice works with what was replaced. */
  brokenOff: "over" | "outdated" | null = null;
  readonly #terms: KernelSliceTerms;
  readonly #turns: PageTurns;
  readonly #startedAt: number;
  /** Streams that nobody reads yet. */
  #waiting: ActiveStream[] = [];
  #arriving: readonly Arriving[] = [];
  #requests = 0;

  constructor(terms: KernelSliceTerms) {
    this.job = terms.job;
    this.#terms = terms;
    this.#startedAt = terms.now();
    const usage = () => ({ ms: terms.now() - this.#startedAt, requests: this.#requests, bytes: 0 });
    this.#turns = new PageTurns({ budget: terms.budget, usage });
  }

  /** Asks for what it begins with. */
  begin(): SliceOutcome | null {
    const { state, source, now } = this.#terms;
    if (state.streams() !== null) return this.#read();
    const { retryAt, reason } = state.planning();
    if (retryAt !== null && retryAt > now()) return { type: "to_be_continued", wakeAt: retryAt, waiting: reason };
    this.#ask(null, source.list());
    return null;
  }

  /** When an answer of the source comes next; null while none is on its way. */
  get nextAt(): number | null {
    return this.#next()?.at ?? null;
  }

  /** How many answers are on their way. */
  get arriving(): number {
    return this.#arriving.length;
  }

  /**
   * An answer comes.
   *
   * @param place of those that are on their way; the next where there are fewer
   * @param failure comes in its place
   * @returns how the slice ends; null where it goes on
   */
  arrive(place: number | null, failure: unknown = null): SliceOutcome | null {
    const arriving = (place === null ? null : this.#arriving[place]) ?? this.#next();
    if (arriving === null) return this.notice();
    this.#arriving = this.#arriving.filter((each) => each !== arriving);
    if (arriving.stream === null) return this.#listed(arriving, failure);
    const stream = this.#outcomeOf(arriving.stream, arriving, failure);
    if (this.brokenOff !== null) return this.notice();
    this.#goOn(arriving.stream.name, stream);
    return this.#arriving.length === 0 ? conclude(this.#ports) : null;
  }

  /** It finds out that it is broken off. */
  notice(): SliceOutcome {
    this.#arriving = [];
    return STOPPED;
  }

  get #ports() {
    const { state, guard, now, random } = this.#terms;
    const { deadlineAt, deletesConfirmed } = this.job;
    return { state, guard, now, random, deadlineAt, deletesConfirmed };
  }

  #listed({ answer }: Arriving, failure: unknown): SliceOutcome | null {
    try {
      if (failure !== null) throw failure;
      answer();
      return this.#terms.state.plan(this.#terms.source.streams()) ? this.#read() : STOPPED;
    } catch (error) {
      return this.brokenOff === null ? planningFailed(this.#ports, error) : STOPPED;
    }
  }

  #read(): SliceOutcome | null {
    this.#waiting = activeStreams(this.#ports).filter(({ progress }) => progress.phase === "reading");
    for (let readers = 0; readers < this.#terms.concurrency; readers += 1) this.#readNext();
    return this.#arriving.length === 0 ? conclude(this.#ports) : null;
  }

  #readNext(): void {
    for (let stream = this.#waiting.shift(); stream !== undefined; stream = this.#waiting.shift()) {
      if (this.#isOpen(stream)) return this.#askFor(stream);
      this.#turns.leave(stream.name);
      if (hasBadCredentials(activeStreams(this.#ports))) return;
    }
  }

  #goOn(name: string, stream: ActiveStream | null): void {
    if (stream !== null && this.#isOpen(stream)) return this.#askFor(stream);
    this.#turns.leave(name);
    if (!hasBadCredentials(activeStreams(this.#ports))) this.#readNext();
  }

  #isOpen(stream: ActiveStream): boolean {
    return isReadable(stream, this.#terms) && this.#turns.isOpen(stream.name);
  }

  #askFor(stream: ActiveStream): void {
    const { cursor, checkpoint, attempts } = stream.progress;
    this.#requests += 1;
    this.#turns.took(stream.name);
    this.#ask(stream, this.#terms.source.read({ stream: stream.name, cursor, checkpoint, attempts }));
  }

  #ask(
    stream: ActiveStream | null,
    { afterMs, answer }: { readonly afterMs: number; readonly answer: () => Page | null },
  ): void {
    this.#arriving = [...this.#arriving, { stream, at: this.#terms.now() + afterMs, answer }];
  }

  #outcomeOf(stream: ActiveStream, { answer }: Arriving, failure: unknown): ActiveStream | null {
    try {
      if (failure !== null) throw failure;
      const page = answer();
      if (page === null) return cutOff(stream, this.#terms);
      this.#turns.arrived();
      return commitPage(this.#ports, stream, page);
    } catch (error) {
      return this.brokenOff === null ? commitFailure(this.#ports, stream, error) : null;
    }
  }

  #next(): Arriving | null {
    let next: Arriving | null = null;
    for (const each of this.#arriving) if (next === null || each.at < next.at) next = each;
    return next;
  }
}
