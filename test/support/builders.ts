import { NO_COUNTS, type Job } from "#core/job";
import type { ActiveStream, StreamProgress } from "#core/stream-state";
import type { Page } from "#sources/source";

/** When tests take place. */
export const AT = Date.UTC(2026, 2, 15, 9, 30);
export const HOUR_MS = 3_600_000;

/** A job that has just been accepted. */
export function aJob(overrides: Partial<Job> = {}): Job {
  return {
    id: "0195a0f0-0000-7000-8000-000000000001",
    connectionId: "550e8400-e29b-41d4-a716-446655440000",
    status: "PENDING",
    trigger: "manual",
    mode: "full",
    forcedFull: false,
    deletesConfirmed: false,
    createdAt: AT,
    startedAt: null,
    completedAt: null,
    deadlineAt: AT + HOUR_MS,
    counts: NO_COUNTS,
    error: null,
    errorCategory: null,
    failures: [],
    rejections: [],
    waiting: null,
    strikes: 0,
    pagesAtSliceStart: 0,
    wakeAt: AT,
    isAtWork: false,
    version: 1,
    ...overrides,
  };
}

/** The progress of a full pass that has not read anything yet. */
function aProgress(overrides: Partial<StreamProgress> = {}): StreamProgress {
  return {
    jobId: "job-1",
    terms: null,
    phase: "reading",
    full: true,
    cursor: null,
    checkpoint: null,
    isContinued: false,
    primaryKey: [["id"]],
    pages: 0,
    counts: NO_COUNTS,
    before: 0,
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
    ...overrides,
  };
}

/** An empty stream, at the beginning of a full pass. */
export function aStream(progress: Partial<StreamProgress> = {}): ActiveStream {
  return {
    name: "items",
    number: 0,
    count: 0,
    nextEntityNumber: 0,
    cursor: null,
    lastChangedAt: null,
    reset: false,
    progress: aProgress(progress),
  };
}

/** A page in the middle of a read. */
export function aPage(page: Partial<Page> = {}): Page {
  return { records: [], tombstones: [], checkpoint: null, end: null, ...page };
}

/** The end of a pass that saw everything. */
export const COMPLETE = { cursor: null, complete: true } as const;
