import { ProgressBar } from "#cli/progress-bar";
import { type Finding, mean } from "./finding.ts";
import type { Stage } from "./stage.ts";

const PAGE_SIZE = 1_000;
const SAMPLE_INTERVAL_MS = 200;
/** More than this over a long sync would be a leak; less is the garbage collector's mood. */
const TOLERATED_GROWTH = 1.15;

/** The runtime's memory during a long sync: the last quarter beside the second, when everything has been loaded. */
export async function measureMemory(stage: Stage, entities: number): Promise<Finding> {
  const { client } = stage;
  const connectionId = await stage.connectTo(stage.addDatabase("million", entities), PAGE_SIZE);
  const megabytes: number[] = [];
  const sample = () => megabytes.push(stage.megabytes());
  const bar = new ProgressBar(process.stderr);
  const { id } = await client.jobs.run(connectionId);
  const startedAt = performance.now();
  const timer = setInterval(sample, SAMPLE_INTERVAL_MS);
  const job = await client.jobs
    .untilFinished(connectionId, id, ({ entities_inserted: done }) =>
      bar.show({ done, total: entities, elapsedMs: performance.now() - startedAt }),
    )
    .finally(() => clearInterval(timer));
  bar.close();
  sample();
  if (job.status !== "COMPLETED" || job.entities_inserted !== entities) {
    throw new Error(`The sync ended ${job.status} with ${job.entities_inserted} entities: ${job.error}`);
  }
  const quarter = Math.ceil(megabytes.length / 4);
  const second = mean(megabytes.slice(quarter, quarter * 2));
  const last = mean(megabytes.slice(-quarter));
  return {
    name: "memory, last / second quarter",
    value: last / second,
    target: { atMost: TOLERATED_GROWTH },
    from: `${last.toFixed(0)} MB / ${second.toFixed(0)} MB, peak ${Math.max(...megabytes).toFixed(0)} MB, ${entities.toLocaleString("en-US")} entities in ${job.duration_seconds} s`,
  };
}
