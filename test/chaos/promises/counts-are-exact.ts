import type { JobBody } from "#http/schemas/job";
import { exportCopy } from "#test/chaos/copy-check";
import { objectOf } from "#test/chaos/object-of";
import { countsOf } from "#test/chaos/run-job";
import { describe } from "#test/chaos/settle";
import type { Stage } from "#test/chaos/stage";
import type { Subject } from "#test/chaos/subject";

/** What the jobs counted, what the feed has of each, and what is there, are the same. */
export async function countsAreExact(
  stage: Stage,
  subject: Subject,
  jobs: readonly JobBody[],
): Promise<readonly string[]> {
  const copy = await exportCopy(stage, subject.id);
  const inserted = jobs.reduce((sum, job) => sum + job.entities_inserted - job.entities_deleted, 0);
  const { entities } = await describe(stage, subject);
  const counted = entities?.total_entities ?? 0;
  const { feed } = await objectOf(stage, subject);
  const feedOf = new Map(feed.map((total) => [total.jobId, total]));
  const unequal = jobs.filter((job) => {
    const { upserts, deletes } = feedOf.get(job.id) ?? { upserts: 0, deletes: 0 };
    return job.entities_inserted + job.entities_updated !== upserts || job.entities_deleted !== deletes;
  });
  return [
    ...(inserted === copy.size
      ? []
      : [`all jobs inserted ${inserted} more than they deleted, but there are ${copy.size} entities.`]),
    ...(counted === copy.size ? [] : [`the connection says ${counted} entities, but there are ${copy.size}.`]),
    ...unequal.map(
      (job) =>
        `the job ${job.id} counted ${countsOf(job)}, but the feed has ${JSON.stringify(feedOf.get(job.id))} of it.`,
    ),
    ...jobs.filter((job) => job.entities_failed > 0).map((job) => `the job ${job.id} refused entities that are good.`),
  ];
}
