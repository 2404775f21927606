import type { Job } from "#cli/api-answers";
import type { Stage } from "./stage.ts";

export interface Ended {
  readonly job: Job;
  /** From its first slice to its end. */
  readonly seconds: number;
}

/** Runs a job to its end. Throws unless it completed with as many entities inserted, updated and kept. */
export async function runToEnd(
  { client }: Stage,
  connectionId: string,
  expected: { readonly isFull: boolean; readonly inserted?: number; readonly updated?: number; readonly kept?: number },
): Promise<Ended> {
  const { id } = await client.jobs.run(connectionId, { isFull: expected.isFull });
  return ended(await client.jobs.untilFinished(connectionId, id), expected);
}

export function ended(
  job: Job,
  expected: { readonly inserted?: number; readonly updated?: number; readonly kept?: number },
): Ended {
  const { inserted = 0, updated = 0, kept = 0 } = expected;
  const isAsExpected =
    job.status === "COMPLETED" &&
    job.entities_inserted === inserted &&
    job.entities_updated === updated &&
    job.entities_kept === kept;
  if (isAsExpected && job.duration_seconds !== null) return { job, seconds: job.duration_seconds };
  throw new Error(
    `The sync ended ${job.status} with ${job.entities_inserted} inserted, ${job.entities_updated} updated, ${job.entities_kept} kept, not with ${inserted}, ${updated}, ${kept}. ${job.error}`,
  );
}
