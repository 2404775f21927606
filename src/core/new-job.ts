import { NO_COUNTS, type Job } from "./job.ts";

/** What is decided of a job when it is accepted. Times are epoch milliseconds. */
export type JobTerms = Pick<
  Job,
  "id" | "connectionId" | "trigger" | "mode" | "forcedFull" | "deletesConfirmed" | "createdAt" | "deadlineAt" | "wakeAt"
>;

/** A job that has just been accepted: nothing of it has happened yet. */
export function newJob(terms: JobTerms): Job {
  return {
    ...terms,
    status: "PENDING",
    startedAt: null,
    completedAt: null,
    counts: NO_COUNTS,
    error: null,
    errorCategory: null,
    failures: [],
    rejections: [],
    waiting: null,
    strikes: 0,
    pagesAtSliceStart: 0,
    isAtWork: false,
    version: 1,
  };
}
