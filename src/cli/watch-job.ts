import type { ApiClient } from "./api-client.ts";
import type { Job } from "./api-answers.ts";
import { JobProgress, type ProgressOutput } from "./job-progress.ts";

/** Events come twice a second at most; what moves on a terminal moves faster. */
const REDRAW_EVERY_MS = 100;

/** Follows a job to its end and shows how it gets on. `expected`: how many entities it will deal with, if known. */
export async function watchJob(
  client: ApiClient,
  connectionId: string,
  jobId: string,
  { output, expected }: { readonly output: ProgressOutput; readonly expected: number | null },
): Promise<Job> {
  const progress = new JobProgress(output, { expected, now: Date.now });
  const redraw = output.isTTY === true ? setInterval(() => progress.redraw(), REDRAW_EVERY_MS) : undefined;
  try {
    return await client.jobs.watch(connectionId, jobId, {
      onProgress: (job) => progress.show(job),
      onLog: (entry) => progress.tell(entry),
    });
  } finally {
    clearInterval(redraw);
    progress.close();
  }
}
