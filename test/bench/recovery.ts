import { setTimeout as delay } from "node:timers/promises";

import { serveSampleCouchDb } from "#cli/sample-couchdb";
import { SampleDatabase } from "#cli/sample-database";
import { orders } from "#cli/sample-documents";
import { type Finding, median } from "./finding.ts";
import { ended } from "./finished-job.ts";
import { CREDENTIALS, type Stage } from "./stage.ts";

const PAGE_SIZE = 100;
const PAGES = 60;
const STREAMS = 3;
const LATENCY_MS = 10;

/** Notes which pages were asked for. */
class WatchedDatabase extends SampleDatabase {
  readonly asked: string[] = [];

  override changes(since: string, limit: number): Buffer | null {
    // The source looks at a few changes when it checks that the database is still the same one.
    if (limit === PAGE_SIZE) this.asked.push(since);
    return super.changes(since, limit);
  }
}

/**
 * The Worker is killed in the middle of a sync and started again: pages that are asked for a second time, and how long
 * it takes from the kill to asking for the next page, beside how long until it answers requests again.
 */
export async function measureRecovery(stage: Stage, rounds: number): Promise<Finding[]> {
  const repeated: number[] = [];
  const resumed: number[] = [];
  const started: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const result = await killInTheMiddle(stage, round);
    repeated.push(...result.repeated);
    resumed.push(result.resumedAfterMs);
    started.push(result.startMs);
  }
  return [
    {
      name: "pages asked for again after `kill -9`, most of any stream",
      value: Math.max(...repeated),
      target: { atMost: 1 },
      from: `${repeated.join(", ")}: ${rounds} kills, ${STREAMS} streams each`,
    },
    {
      name: "from `kill -9` to the job's next page being asked for / to the new process answering `/health`",
      value: median(resumed) / median(started),
      target: null,
      from: `${median(resumed).toFixed(0)} ms / ${median(started).toFixed(0)} ms, starting wrangler and workerd included, medians of ${rounds}`,
    },
  ];
}

async function killInTheMiddle(stage: Stage, round: number) {
  const databases = Array.from(
    { length: STREAMS },
    (_, index) => new WatchedDatabase(`killed-${round}-${index}`, orders, PAGES * PAGE_SIZE),
  );
  const pagesAfterAt: number[] = [];
  let isDead = false;
  const upstream = await serveSampleCouchDb({
    databases,
    ...CREDENTIALS,
    beforePage: async () => {
      if (isDead) pagesAfterAt.push(performance.now());
      await delay(LATENCY_MS);
    },
  });
  try {
    const id = await stage.connectTo(databases, PAGE_SIZE, upstream.address);
    const { id: jobId } = await stage.client.jobs.run(id);
    while (databases.some(({ asked }) => asked.length < PAGES / 2)) await delay(1);
    await stage.kill();
    isDead = true;
    const killedAt = performance.now();
    await stage.restart();
    const answersAt = performance.now();
    ended(await stage.client.jobs.untilFinished(id, jobId), { inserted: STREAMS * PAGES * PAGE_SIZE });
    await stage.client.connections.remove(id);
    const [firstPageAt] = pagesAfterAt;
    if (firstPageAt === undefined) throw new Error("The job ended without asking for a page after the kill.");
    return {
      repeated: databases.map(({ asked }) => asked.length - new Set(asked).size),
      resumedAfterMs: firstPageAt - killedAt,
      startMs: answersAt - killedAt,
    };
  } finally {
    await upstream.close();
  }
}
