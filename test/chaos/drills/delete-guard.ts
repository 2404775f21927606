import { runToEnd } from "#test/chaos/run-job";
import type { Stage } from "#test/chaos/stage";
import type { Subject } from "#test/chaos/subject";

/** Fewer, and the guard leaves a stream alone. */
export const GUARDED = 100;

/** A source that lists a third of what it has is not believed. Call when the copy has all of it. */
export async function forgetfulSource(stage: Stage, subject: Subject): Promise<readonly string[]> {
  const { crm } = stage.upstream;
  if (crm.tagCount < GUARDED) return [];
  crm.isForgetful = true;
  const job = await runToEnd(stage, subject, "?force_full_sync=true").finally(() => (crm.isForgetful = false));
  const isHeldBack = job.status === "FAILED" && job.error_category === "deletes_held_back";
  if (!isHeldBack) return [`a source that forgot most of its tags was believed: ${job.status}, ${job.error ?? ""}`];
  return job.entities_deleted === 0 ? [] : [`a job that was held back deleted ${job.entities_deleted}.`];
}
