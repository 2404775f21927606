import { z } from "zod";

/**
 * The job machine: which status follows from which event. Pure: no clock, no storage, no randomness; whoever
 * calls it stores the job that comes back, in the transaction that makes the event true.
 *
 *     PENDING ──slice_started──► RUNNING ──finished──► COMPLETED | FAILED
 *        │                          │
 *        └─cancel_requested─┐       └─cancel_requested─► CANCELLING ──stopped, or anything later──► CANCELLED
 *                           └────────────────────────────────────────────────────────────────────►
 */

export const jobStatusSchema = z.enum(["PENDING", "RUNNING", "COMPLETED", "FAILED", "CANCELLING", "CANCELLED"]);
export type JobStatus = z.infer<typeof jobStatusSchema>;

export const triggerSchema = z.enum(["manual", "schedule", "webhook", "create"]);
export type Trigger = z.infer<typeof triggerSchema>;

export const syncModeSchema = z.enum(["full", "incremental"]);
export type SyncMode = z.infer<typeof syncModeSchema>;

/**
 * Why a job failed, in a word a program can act on. The first is the credentials': it marks the connection
 * `needs_reauth`. `deletes_held_back` asks for a confirmation; the others say where to look.
 */
export const errorCategorySchema = z.enum([
  "api_key_invalid",
  "permission_denied",
  "not_found",
  "rate_limited",
  "source_unavailable",
  "bad_response",
  "bad_request",
  "deletes_held_back",
  "deadline_exceeded",
  "no_progress",
  "internal",
]);
export type ErrorCategory = z.infer<typeof errorCategorySchema>;

export const countsSchema = z.object({
  inserted: z.number(),
  updated: z.number(),
  deleted: z.number(),
  kept: z.number(),
  failed: z.number(),
});
/** What a job did to the copy. `kept`: seen and unchanged. `failed`: could not be stored. */
export type Counts = z.infer<typeof countsSchema>;

export const NO_COUNTS: Counts = { inserted: 0, updated: 0, deleted: 0, kept: 0, failed: 0 };

export const rejectionSchema = z.object({ stream: z.string(), id: z.string().nullable(), reason: z.string() });
/** An entity that could not be stored, and why. */
export type Rejection = z.infer<typeof rejectionSchema>;

export const streamFailureSchema = z.object({
  stream: z.string().nullable(),
  category: errorCategorySchema,
  message: z.string(),
});
/** Why a stream (or, with null, the job as a whole) failed. */
export type StreamFailure = z.infer<typeof streamFailureSchema>;

export const jobSchema = z.object({
  id: z.string(),
  connectionId: z.string(),
  status: jobStatusSchema,
  trigger: triggerSchema,
  mode: syncModeSchema,
  /** The run's caller asked for everything, whatever the cursors. */
  forcedFull: z.boolean(),
  /** The run's caller confirmed deletes that the shrink guard would hold back. */
  deletesConfirmed: z.boolean(),
  /** Epoch milliseconds, like every `…At`. */
  createdAt: z.number(),
  startedAt: z.number().nullable(),
  completedAt: z.number().nullable(),
  /** When retrying ends. */
  deadlineAt: z.number(),
  counts: countsSchema,
  error: z.string().nullable(),
  errorCategory: errorCategorySchema.nullable(),
  failures: z.array(streamFailureSchema),
  rejections: z.array(rejectionSchema),
  /** While nothing runs because the source asked for it, or failed: since and until when, and why. */
  waiting: z.object({ since: z.number().optional(), until: z.number(), reason: z.string() }).nullable(),
  /** Slices in a row that began and left no committed page behind: their isolate died. */
  strikes: z.number(),
  /** Pages committed when the newest slice began. */
  pagesAtSliceStart: z.number(),
  /**
   * When the next slice is due; while one is at work, when it is to be given up as dead. Null once the job has ended.
   */
  wakeAt: z.number().nullable(),
  /** A slice has begun and not ended yet, unless it died. */
  isAtWork: z.boolean(),
  /** Grows with every change; what D1 holds never goes back to a smaller one. */
  version: z.number(),
});
export type Job = z.infer<typeof jobSchema>;

export type JobEvent =
  /**
   * An alarm begins to work on the job, which has committed `pages` pages; dead if still at it at `leaseUntil`. With
   * `hasRead` nothing is left to be asked of the source.
   */
  | { readonly type: "slice_started"; readonly pages: number; readonly hasRead: boolean; readonly leaseUntil: number }
  /** The slice is over, the job is not. `waiting` says why it is not going on at once. */
  | { readonly type: "slice_ended"; readonly wakeAt: number; readonly waiting: string | null }
  | { readonly type: "cancel_requested" }
  /** Nothing works on the job any more. */
  | { readonly type: "stopped" }
  /** Every stream is done. No failures means COMPLETED. */
  | { readonly type: "finished"; readonly failures: readonly StreamFailure[] };

/**
 * Slices that may die without committing a page before the job is given up. High enough for a bad night of
 * deploys and restarts, low enough that a page which kills its isolate stops costing money.
 */
export const STRIKE_LIMIT = 10;

/**
 * When a job that no slice in memory is at work on wants the alarm. A slice that is said to be at work is dead then.
 *
 * @returns epoch milliseconds; null for a job that has ended
 */
export function dueAt(job: Job, now: number): number | null {
  if (isTerminal(job.status)) return null;
  return job.isAtWork || job.status === "CANCELLING" ? now : job.wakeAt;
}

export function isTerminal(status: JobStatus): boolean {
  return status === "COMPLETED" || status === "FAILED" || status === "CANCELLED";
}

/** Applies one event at `now`. An event that means nothing in the job's status changes nothing. */
export function transition(job: Job, event: JobEvent, now: number): Job {
  switch (job.status) {
    case "PENDING":
      return fromPending(job, event, now);
    case "RUNNING":
      return fromRunning(job, event, now);
    case "CANCELLING":
      return event.type === "cancel_requested" ? job : end(job, "CANCELLED", [], now);
    case "COMPLETED":
    case "FAILED":
    case "CANCELLED":
      return job;
  }
}

function fromPending(job: Job, event: JobEvent, now: number): Job {
  switch (event.type) {
    case "slice_started":
      return change(job, { status: "RUNNING", startedAt: now, strikes: 1, wakeAt: event.leaseUntil, isAtWork: true });
    case "cancel_requested":
      return end(job, "CANCELLED", [], now);
    case "slice_ended":
    case "stopped":
    case "finished":
      return job;
  }
}

function fromRunning(job: Job, event: JobEvent, now: number): Job {
  switch (event.type) {
    case "slice_started":
      return resume(job, event, now);
    case "slice_ended":
      return change(job, {
        strikes: 0,
        isAtWork: false,
        wakeAt: event.wakeAt,
        waiting: event.waiting === null ? null : { since: now, until: event.wakeAt, reason: event.waiting },
      });
    case "cancel_requested":
      return change(job, { status: "CANCELLING", waiting: null });
    case "stopped":
      return job;
    case "finished":
      return end(job, event.failures.length === 0 ? "COMPLETED" : "FAILED", event.failures, now);
  }
}

type SliceStarted = Extract<JobEvent, { readonly type: "slice_started" }>;

/** Deletes that have been proven are all made, whatever the time: a job that fails makes none. */
function resume(job: Job, { pages, hasRead, leaseUntil }: SliceStarted, now: number): Job {
  if (now >= job.deadlineAt && !hasRead) {
    const waited = job.waiting === null ? "" : ` The last thing it waited for: ${job.waiting.reason}`;
    const message = `The sync did not finish before its deadline. What it committed is kept, and the next run continues from there.${waited}`;
    return end(job, "FAILED", [{ stream: null, category: "deadline_exceeded", message }], now);
  }
  const progressed = pages > job.pagesAtSliceStart;
  // A slice that ends sets `strikes` to 0 and one that dies leaves what it began with, so this counts the dead.
  const strikes = progressed ? 1 : job.strikes + 1;
  if (strikes > STRIKE_LIMIT) {
    const message = `The sync was interrupted ${STRIKE_LIMIT} times in a row without committing a page, most likely because a page needs more memory or time than the Worker has. Lower the page size of the source, then run again.`;
    return end(job, "FAILED", [{ stream: null, category: "no_progress", message }], now);
  }
  return change(job, { strikes, pagesAtSliceStart: pages, waiting: null, wakeAt: leaseUntil, isAtWork: true });
}

function end(
  job: Job,
  status: "COMPLETED" | "FAILED" | "CANCELLED",
  failures: readonly StreamFailure[],
  now: number,
): Job {
  const [first] = failures;
  return change(job, {
    status,
    completedAt: now,
    wakeAt: null,
    isAtWork: false,
    waiting: null,
    failures: [...failures],
    error: first === undefined ? null : failures.map(describeFailure).join(" "),
    errorCategory: first === undefined ? null : mostTelling(failures, first).category,
  });
}

function describeFailure({ stream, message }: StreamFailure): string {
  return stream === null ? message : `Stream "${stream}": ${message}`;
}

/** Bad credentials explain everything else that failed. */
function mostTelling(failures: readonly StreamFailure[], first: StreamFailure): StreamFailure {
  return failures.find((failure) => failure.category === "api_key_invalid") ?? first;
}

function change(job: Job, patch: Partial<Job>): Job {
  return { ...job, ...patch, version: job.version + 1 };
}
