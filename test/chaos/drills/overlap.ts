import { exportCopy } from "#test/chaos/copy-check";
import { complete } from "#test/chaos/run-job";
import type { Stage } from "#test/chaos/stage";
import type { Subject } from "#test/chaos/subject";

/** Longer than a sync takes. */
const LASTS_MS = 60_000;

/** Pages that show again what the ones before have shown are counted once, whatever they show. */
export async function overlappingPages(stage: Stage, subject: Subject): Promise<readonly string[]> {
  stage.upstream.spoil(subject.source, "overlapping", LASTS_MS, 1);
  const job = await complete(stage, subject, "?force_full_sync=true");
  stage.upstream.behave();
  const { size } = await exportCopy(stage, subject.id);
  const counted = job.entities_inserted + job.entities_updated + job.entities_kept;
  return counted === size ? [] : [`a sync of overlapping pages counted ${counted} entities, and ${size} are there.`];
}
