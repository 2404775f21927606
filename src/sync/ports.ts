import type { DeleteGuard } from "#core/delete-guard";
import type { FailureKind } from "#core/failure";
import type { SliceBudget, SliceUsage } from "#core/slice";
import type { StreamFailure } from "#core/job";
import type { ActiveStream } from "#core/stream-state";
import type { OpenSource, Stream } from "#sources/source";
import type { Copy } from "./copy.ts";

/** How the listing of a source's streams is going, for a job that has not got it yet. */
export interface Planning {
  /** Failures in a row. */
  readonly attempts: number;
  readonly retryAt: number | null;
  readonly reason: string | null;
  /** What kind of failure that is. */
  readonly reasonKind?: FailureKind | null | undefined;
}

/** What a slice needs from whoever runs it. */
export interface SlicePorts {
  readonly source: OpenSource;
  readonly budget: SliceBudget;
  /** Streams read side by side. */
  readonly concurrency: number;
  /** Fetch the next page while the last one is applied? Takes the memory of two pages. */
  readonly prefetches: boolean;
  readonly guard: DeleteGuard;
  /** The caller confirmed deletes that the guard would hold back. */
  readonly deletesConfirmed: boolean;
  readonly deadlineAt: number;
  /** Aborted when the job is cancelled or its connection deleted. */
  readonly signal: AbortSignal;
  now(): number;
  /** Between 0 and 1. */
  random(): number;
  /** Spent since the slice began. */
  usage(): SliceUsage;
  readonly state: JobState;
}

/** The job's stored state. Every change is one transaction, and is refused once the job is no longer running. */
export interface JobState {
  /** Null until the streams are known. */
  streams(): readonly ActiveStream[] | null;
  planning(): Planning;
  /** The streams to read. False if the job is not running any more. */
  plan(streams: readonly Stream[]): boolean;
  postponePlanning(planning: Planning): boolean;
  /**
   * Changes a stream, and the copy with it, in one transaction.
   *
   * @returns the stream as stored, or null if the job is not running any more
   */
  commit(name: string, change: (stream: ActiveStream, copy: Copy) => ActiveStream): ActiveStream | null;
}

/** How a slice ended. */
export type SliceOutcome =
  /** The job is no longer running: nothing more to do. */
  | { readonly type: "stopped" }
  /** Another slice is needed, at `wakeAt`; `waiting` says why not at once. */
  | { readonly type: "to_be_continued"; readonly wakeAt: number; readonly waiting: string | null }
  | { readonly type: "finished"; readonly failures: readonly StreamFailure[] };
