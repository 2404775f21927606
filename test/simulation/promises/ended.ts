import type { JobStatus } from "#core/job";

/** Statuses of which nothing follows (README, "How a sync runs"). */
const ENDS: ReadonlySet<JobStatus> = new Set(["COMPLETED", "FAILED", "CANCELLED"]);

export function hasEnded(status: JobStatus): boolean {
  return ENDS.has(status);
}
