import type { JobBody } from "#http/schemas/job";
import { keyOf } from "#test/chaos/copy-check";
import { objectOf } from "#test/chaos/object-of";
import { CHILDREN, KEYLESS, NUMBERED } from "#test/chaos/plan";
import type { Stage } from "#test/chaos/stage";
import type { Subject } from "#test/chaos/subject";

/** How many are named of those that one job deleted in vain. */
const SHOWN = 5;

/**
 * What a job deleted was not there at some moment since it was created, or was not shown to it. Whether it is found again
 * afterwards is another matter: a full sync puts back whatever was deleted.
 *
 * @param since epoch milliseconds; of jobs that were created later
 */
export async function deletesWereTrue(
  stage: Stage,
  subject: Subject,
  jobs: readonly JobBody[],
  since: number,
): Promise<readonly string[]> {
  const { deletes } = await objectOf(stage, subject);
  const presence = stage.presence[subject.source];
  return deletes.flatMap(({ jobId, stream, ids }) => {
    const job = jobs.find(({ id }) => id === jobId);
    const from = Date.parse(job?.created_at ?? "");
    const to = Date.parse(job?.completed_at ?? "");
    if (!(from >= since) || KEYLESS.includes(stream)) return [];
    if (NUMBERED.includes(stream) && presence.hasLost(stream, from, to)) return [];
    const untrue = ids.filter((id) => {
      return !subject.views.mayHide(id, CHILDREN.includes(stream)) && !presence.wasAbsent(keyOf(stream, id), from, to);
    });
    if (untrue.length === 0) return [];
    const shown = untrue.slice(0, SHOWN).join(", ");
    return [
      `the job ${jobId} (${job?.status}) deleted ${untrue.length} of ${stream} that were there all along: ${shown}.`,
    ];
  });
}
