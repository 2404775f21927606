import type { Job } from "./api-answers.ts";

/** Has the job come to its end, whatever that was? */
export function isFinal({ status }: Pick<Job, "status">): boolean {
  return status === "COMPLETED" || status === "FAILED" || status === "CANCELLED";
}
