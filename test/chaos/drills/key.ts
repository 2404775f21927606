import type { SeededRandom } from "#sources/internal/seeded-random";
import { completed, startJob, untilEnded } from "#test/chaos/run-job";
import type { Stage } from "#test/chaos/stage";
import type { Subject } from "#test/chaos/subject";

/** The same key is the same job, also after its end, and after a death of who remembers it. */
export async function repeatedKey(stage: Stage, subject: Subject, random: SeededRandom): Promise<readonly string[]> {
  const key = `again-${random()}`;
  const { id } = await startJob(stage, subject, "", key);
  const pending = await startJob(stage, subject, "", key);
  completed(await untilEnded(stage, subject, id));
  await stage.reach("POST", `/connections/${subject.id}`, { type: "evict" });
  const ended = await startJob(stage, subject, "", key);
  if (ended.id !== pending.id) completed(await untilEnded(stage, subject, ended.id));
  return [pending, ended].flatMap((job) => (job.id === id ? [] : [`the key of ${id} started ${job.id} as well.`]));
}
