import { ask, comes } from "#test/chaos/ask";
import { completed, startJob, untilEnded } from "#test/chaos/run-job";
import { listJobs } from "#test/chaos/settle";
import type { Stage } from "#test/chaos/stage";
import { jobIn, type Subject } from "#test/chaos/subject";

/** What was asked for while a job is at work comes after it, as wide as it was asked for, though its object dies. */
export async function queuedRun(stage: Stage, subject: Subject): Promise<readonly string[]> {
  const asked = Promise.withResolvers<void>();
  const queued = Promise.withResolvers<void>();
  const takeBack = stage.upstream.demand({
    source: subject.source,
    answer: async () => {
      asked.resolve();
      await queued.promise;
      return null;
    },
  });
  const { id } = await startJob(stage, subject);
  await comes(`the first request of the job ${id}`, asked.promise);
  const path = `/source-connections/${subject.id}/run?on_conflict=queue&force_full_sync=true`;
  const told = jobIn(await ask(stage, "POST", path));
  await stage.reach("POST", `/connections/${subject.id}`, { type: "evict" });
  takeBack();
  queued.resolve();
  completed(await untilEnded(stage, subject, id));

  const jobs = await listJobs(stage, subject);
  const next = jobs[jobs.findIndex((job) => job.id === id) - 1];
  if (next === undefined) return [`no job came after ${id}, though one was asked for while it was at work.`];
  const { sync_mode: mode } = completed(await untilEnded(stage, subject, next.id));
  return [
    ...(told?.id === id ? [] : [`a run beside the job ${id} was answered with ${told?.id}.`]),
    ...(mode === "full" ? [] : [`the job after ${id} was to be full, and was ${mode}.`]),
  ];
}
