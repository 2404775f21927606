import type { SampleDatabase } from "#cli/sample-database";
import { type Finding, median } from "./finding.ts";
import type { Stage } from "./stage.ts";

const PAGE_SIZE = 1_000;
/** Pages the bare object holds in memory at once: about 8 MB. */
const PAGES_IN_MEMORY = 20;

/**
 * Entities a second of a first full sync, beside the rate at which the same bytes go from memory into a table of the
 * same form. The upstream's answers are rendered in advance: it is not what is measured.
 */
export async function measureThroughput(stage: Stage, entities: number, rounds: number): Promise<Finding> {
  const database = stage.addDatabase("throughput", entities);
  database.prerender(PAGE_SIZE);
  const syncRates: number[] = [];
  const rawRates: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    rawRates.push(await rawRate(stage, database, `raw-${round}`));
    syncRates.push(await syncRate(stage, database));
  }
  const [sync, raw] = [median(syncRates), median(rawRates)];
  return {
    name: "full sync / raw upsert",
    value: sync / raw,
    target: { atLeast: 0.35 },
    from: `${rate(sync)} / ${rate(raw)}, medians of ${rounds} × ${entities.toLocaleString("en-US")} entities`,
  };
}

async function syncRate({ client, connectTo }: Stage, database: SampleDatabase): Promise<number> {
  const connectionId = await connectTo(database, PAGE_SIZE);
  const { id } = await client.run(connectionId);
  const job = await client.untilFinished(connectionId, id);
  if (job.status !== "COMPLETED" || job.entities_inserted !== database.size || job.duration_seconds === null) {
    throw new Error(`The sync ended ${job.status} with ${job.entities_inserted} entities: ${job.error}`);
  }
  await client.deleteConnection(connectionId);
  return job.entities_inserted / job.duration_seconds;
}

async function rawRate(stage: Stage, database: SampleDatabase, name: string): Promise<number> {
  let seconds = 0;
  const pages = Math.ceil(database.size / PAGE_SIZE);
  for (let page = 0; page < pages; page += PAGES_IN_MEMORY) {
    const count = Math.min(PAGES_IN_MEMORY, pages - page);
    const urls = Array.from({ length: count }, (_, index) =>
      stage.pageUrl(database, (page + index) * PAGE_SIZE, PAGE_SIZE),
    );
    await stage.post(`/bare/${name}/load`, { urls, authorization: stage.authorization });
    // Timed from outside: clocks stand still inside a Worker while it computes.
    const start = performance.now();
    await stage.post(`/bare/${name}/upsert`);
    seconds += (performance.now() - start) / 1_000;
  }
  return database.size / seconds;
}

function rate(perSecond: number): string {
  return `${Math.round(perSecond).toLocaleString("en-US")}/s`;
}
