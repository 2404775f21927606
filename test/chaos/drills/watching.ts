import { until } from "#test/chaos/ask";
import { completed, startJob, untilEnded } from "#test/chaos/run-job";
import type { Stage } from "#test/chaos/stage";
import type { Subject } from "#test/chaos/subject";
import { WATCHED_MS } from "#test/chaos/watch";

/** Who watched the beginning of a job, and comes back after its end, is told of all that was missed. */
export async function watchedAgain(stage: Stage, subject: Subject): Promise<readonly string[]> {
  const { id } = await startJob(stage, subject, "?force_full_sync=true");
  const path = `/source-connections/${subject.id}/jobs/${id}/events`;
  const watch = stage.watch(path, id);
  await until(`somebody sees the job ${id}`, async () => watch.hasSeen);
  watch.close();
  const job = completed(await untilEnded(stage, subject, id));
  watch.open();
  await watch.over(WATCHED_MS);
  stage.leaks.look("what somebody was told who watched", watch.text);
  return watch.brokenBy(job);
}
