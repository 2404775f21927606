import { isTerminal, type Counts, type Job, type StreamFailure } from "./job.ts";
import type { ActiveStream } from "./stream-state.ts";

/**
 * How a stream of a job is doing: `waiting` until `waiting.until`, `reading`, `read` (its orphans are still to be
 * deleted), `done` or `failed`.
 */
export type StreamWork = "waiting" | "reading" | "read" | "done" | "failed";

export interface StreamView {
  readonly name: string;
  readonly work: StreamWork;
  readonly isFull: boolean;
  readonly pages: number;
  readonly counts: Counts;
  /** Entities in the copy, now and when the read began, and those of them that this read has seen. */
  readonly count: number;
  readonly before: number;
  readonly seen: number;
  /** Epoch milliseconds. */
  readonly waiting: { readonly until: number; readonly reason: string } | null;
  readonly failure: StreamFailure | null;
}

/** A job at one moment, as its watchers see it. */
export interface JobProgress {
  /** Another one with every change; the same where nothing has changed, even if the object died in between. */
  readonly revision: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly job: Job;
  /** Empty before they are known, and again once a later job has begun to read. */
  readonly streams: readonly StreamView[];
}

/** @param retries failures so far in listing the streams */
export function jobProgress(job: Job, streams: readonly ActiveStream[], retries: number, now: number): JobProgress {
  return {
    revision: revisionOf(job, streams, retries),
    at: now,
    job,
    streams: streams.map((each) => viewOf(each, now)),
  };
}

/** Made of what is stored and only ever changes forward, so that it needs no row of its own. */
function revisionOf(job: Job, streams: readonly ActiveStream[], retries: number): string {
  // What the streams say afterwards is the next job's, and a newer version is what D1 is told of it once more.
  if (isTerminal(job.status)) return `${job.completedAt ?? job.version}`;
  const pages = streams.reduce((sum, { progress }) => sum + progress.pages, 0);
  const troubles = streams.reduce((sum, { progress }) => sum + progress.attempts + progress.restarts, retries);
  const ended = streams.filter(({ progress }) => progress.phase !== "reading").length;
  return `${job.version}.${streams.length}.${pages}.${troubles}.${ended}`;
}

function viewOf({ name, count, progress }: ActiveStream, now: number): StreamView {
  const { phase, full, pages, counts, before, seen, retryAt, reason, failure } = progress;
  const waiting =
    phase === "reading" && retryAt !== null && retryAt > now ? { until: retryAt, reason: reason ?? "" } : null;
  return {
    name,
    work: waiting === null ? phase : "waiting",
    isFull: full,
    pages,
    counts,
    count,
    before,
    seen,
    waiting,
    failure,
  };
}

/** Records of a job that were looked at, whatever became of them. */
export function recordsOf({ job: { counts } }: JobProgress): number {
  return counts.inserted + counts.updated + counts.deleted + counts.kept + counts.failed;
}
