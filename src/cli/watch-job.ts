import type { ApiClient } from "./api-client.ts";
import type { Job } from "./api-answers.ts";
import { JobProgress, type ProgressOutput } from "./job-progress.ts";

/** Follows a job to its end and shows how it gets on. `expected`: how many entities it will deal with, if known. */
export async function watchJob(
  client: ApiClient,
  connectionId: string,
  jobId: string,
  { output, expected }: { readonly output: ProgressOutput; readonly expected: number | null },
): Promise<Job> {
  const progress = new JobProgress(output, { expected, now: Date.now });
  try {
    return await client.untilFinished(connectionId, jobId, (job) => progress.show(job));
  } finally {
    progress.close();
  }
}
