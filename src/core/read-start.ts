import type { Json } from "./json.ts";
import { NO_COUNTS, type ErrorCategory } from "./job.ts";
import type { StreamProgress, StreamState } from "./stream-state.ts";

/** A job that begins to read a stream. */
export interface ReadStart {
  readonly jobId: string;
  /** Its caller wants everything read, whatever is known. */
  readonly forcedFull: boolean;
  /** No person but a schedule wants it. */
  readonly isScheduled: boolean;
  /**
   * The version of the source that makes the job's checkpoints, and the credentials they were made with. Of another
   * version one means nothing, and with others there may be more before it than was seen. A config that places depend on
   * takes them along when it goes.
   */
  readonly terms: string;
}

/** What is read: the stream's key, and whether its source continues from cursors. */
export interface ReadStream {
  readonly primaryKey: readonly (readonly string[])[] | null;
  readonly incremental: boolean;
}

/** The upstream was the reason for the end of the read, not what was read: its place is still good. */
const OUTSIDE: ReadonlySet<ErrorCategory> = new Set(["rate_limited", "source_unavailable"]);

/**
 * Where a job begins to read a stream: at its cursor, at the place where the last job had to leave it, or at the
 * beginning.
 */
export function startOfRead(state: StreamState, stream: ReadStream, start: ReadStart): StreamProgress {
  const unfinished = unfinishedRead(state, stream, start);
  // The job reads it for a second time where the config was changed in between.
  const earlier = state.progress?.jobId === start.jobId ? state.progress : null;
  const full = start.forcedFull || !stream.incremental || state.cursor === null;
  return {
    jobId: start.jobId,
    terms: start.terms,
    phase: "reading",
    full,
    cursor: full ? null : state.cursor,
    checkpoint: unfinished,
    isContinued: unfinished !== null,
    isMixed: false,
    primaryKey: stream.primaryKey === null ? null : stream.primaryKey.map((path) => [...path]),
    pages: earlier?.pages ?? 0,
    // The pass sees again what was seen before.
    counts: { ...(earlier?.counts ?? NO_COUNTS), kept: 0, failed: 0 },
    before: state.count,
    seen: 0,
    nameless: 0,
    endCursor: null,
    attempts: 0,
    retryAt: null,
    reason: null,
    restarts: 0,
    dropped: false,
    sweptTo: null,
    failure: null,
    rejections: [],
  };
}

/**
 * The checkpoint that an earlier job left behind and this one goes on from; null where there is none. Without it a
 * stream that takes longer than a job may would never be read.
 *
 * Only streams that continue from cursors: what changes behind the place they go on from is found by the next job.
 * Others are read whole or not at all. A job that did not get one page further is not followed: its place may be what
 * is wrong.
 */
function unfinishedRead(state: StreamState, stream: ReadStream, start: ReadStart): Json {
  const { progress } = state;
  if (progress === null || progress.checkpoint === null || progress.pages === 0) return null;
  if (!stream.incremental || state.reset || progress.dropped || progress.terms !== start.terms) return null;
  // A full read that was asked for begins anew; a schedule's goes on with the first one.
  if (start.forcedFull && !(start.isScheduled && state.cursor === null)) return null;
  if (progress.full !== (state.cursor === null)) return null;
  if (JSON.stringify(progress.primaryKey) !== JSON.stringify(stream.primaryKey)) return null;
  const leftOff = progress.failure === null ? progress.phase === "reading" : OUTSIDE.has(progress.failure.category);
  return leftOff ? progress.checkpoint : null;
}
