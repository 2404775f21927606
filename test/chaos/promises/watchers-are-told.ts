import { listJobs } from "#test/chaos/settle";
import type { Stage } from "#test/chaos/stage";
import type { Subject } from "#test/chaos/subject";
import { WATCHED_MS } from "#test/chaos/watch";

/** Who watched a job was told of its end, and of nothing that was not so. */
export async function watchersAreTold(stage: Stage, subject: Subject): Promise<readonly string[]> {
  const watches = subject.watches.splice(0);
  await Promise.all(watches.map((watch) => watch.over(WATCHED_MS)));
  const jobs = new Map((await listJobs(stage, subject)).map((job) => [job.id, job]));
  for (const { text } of watches) stage.leaks.look("what somebody was told who watched", text);
  return watches.flatMap((watch) => watch.brokenBy(jobs.get(watch.jobId)));
}
