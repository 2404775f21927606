import { OTHER_SHAPES } from "#test/chaos/faults";
import { complete, runToEnd } from "#test/chaos/run-job";
import type { Stage } from "#test/chaos/stage";
import type { Subject } from "#test/chaos/subject";
import { json } from "#test/support/scripted-upstream";

/** Of so many requests one is answered with another shape: less than a stream has pages, and more than one. */
const ONE_IN = 3;

/** An answer that is no page, and no refusal either, is not believed to say that the rest is gone. */
export async function anotherShape(stage: Stage, subject: Subject): Promise<readonly string[]> {
  await complete(stage, subject, "?force_full_sync=true");
  let asked = 0;
  const takeBack = stage.upstream.demand({
    source: subject.source,
    answer: () => {
      asked += 1;
      if (asked % ONE_IN !== 0) return null;
      return json(OTHER_SHAPES[(asked / ONE_IN) % OTHER_SHAPES.length]);
    },
  });
  const job = await runToEnd(stage, subject, "?force_full_sync=true").finally(takeBack);
  if (job.entities_deleted === 0) return [];
  return [`of a source that answered with something else, ${job.entities_deleted} were deleted by the job ${job.id}.`];
}
