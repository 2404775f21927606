import type { JobBody } from "#http/schemas/job";
import type { Subject } from "#test/chaos/subject";

/** Without tombstones a delete takes the proof that only a job without a failure has. */
export function deletesHaveProof({ source }: Subject, jobs: readonly JobBody[]): readonly string[] {
  const unproven = jobs.filter((job) => source !== "couch" && job.status === "FAILED" && job.entities_deleted > 0);
  return unproven.map((job) => `the job ${job.id} failed, and deleted ${job.entities_deleted} entities.`);
}
