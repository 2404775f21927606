import type { Config } from "#config";
import type { Job } from "#core/job";
import type { SliceOutcome } from "#sync/ports";
import type { JobControl } from "./job-control.ts";

/**
 * How long a slice may be at work before it counts as dead: its budget, a request that began at the end of it, and
 * time to spare for applying the page.
 */
const LEASE_SPARE_MS = 60_000;

type Limits = Pick<Config, "SLICE_BUDGET_MS" | "REQUEST_TIMEOUT_MS">;

/** Records that a slice begins. The job is not RUNNING afterwards where there is nothing for it to do any more. */
export function recordStart(control: JobControl, jobId: string, limits: Limits, now: number): Job {
  return control.record(jobId, {
    type: "slice_started",
    ...control.progress(jobId),
    leaseUntil: now + limits.SLICE_BUDGET_MS + limits.REQUEST_TIMEOUT_MS + LEASE_SPARE_MS,
  });
}

/** Records how a slice ended. */
export function recordOutcome(control: JobControl, jobId: string, outcome: SliceOutcome): void {
  switch (outcome.type) {
    case "stopped":
      control.record(jobId, { type: "stopped" });
      return;
    case "to_be_continued":
      control.record(jobId, { type: "slice_ended", wakeAt: outcome.wakeAt, waiting: outcome.waiting });
      return;
    case "finished":
      control.record(jobId, { type: "finished", failures: outcome.failures });
      return;
  }
}
