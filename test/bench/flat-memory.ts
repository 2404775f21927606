import { ProgressBar } from "#cli/progress-bar";
import type { Finding } from "./finding.ts";
import { MemorySamples } from "./memory-samples.ts";
import type { Stage } from "./stage.ts";

const PAGE_SIZE = 1_000;
/** More than this over a long sync would be a leak; less is the garbage collector's mood. */
const TOLERATED_GROWTH = 1.15;

/** The runtime's memory during a long sync: the last quarter beside the second, when everything has been loaded. */
export async function measureMemory(stage: Stage, entities: number): Promise<Finding> {
  const { client } = stage;
  const connectionId = await stage.connectTo(stage.addDatabase("million", entities), PAGE_SIZE);
  const bar = new ProgressBar(process.stderr);
  const { id } = await client.jobs.run(connectionId);
  const startedAt = performance.now();
  const memory = new MemorySamples(stage);
  const job = await client.jobs
    .untilFinished(connectionId, id, ({ entities_inserted: done }) =>
      bar.show({ done, total: entities, elapsedMs: performance.now() - startedAt }),
    )
    .finally(() => memory.end());
  bar.close();
  if (job.status !== "COMPLETED" || job.entities_inserted !== entities) {
    throw new Error(`The sync ended ${job.status} with ${job.entities_inserted} entities: ${job.error}`);
  }
  const { second, last, ratio } = memory.growth;
  return {
    name: "memory, last / second quarter",
    value: ratio,
    target: { atMost: TOLERATED_GROWTH },
    from: `${last.toFixed(0)} MB / ${second.toFixed(0)} MB, peak ${memory.peak.toFixed(0)} MB, ${entities.toLocaleString("en-US")} entities in ${job.duration_seconds} s`,
  };
}
