import { setTimeout as delay } from "node:timers/promises";

import { serveSampleCouchDb } from "#cli/sample-couchdb";
import { SampleDatabase } from "#cli/sample-database";
import { orders } from "#cli/sample-documents";
import { type Finding, median } from "./finding.ts";
import { runToEnd } from "./finished-job.ts";
import { CREDENTIALS, type Stage } from "./stage.ts";

const LATENCY_MS = 50;
const PAGE_SIZE = 100;
/** As many as are read side by side by default. */
const STREAMS = 3;

/** A sync of small pages from a slow upstream, beside the least time that its latency allows. */
export async function measureLatencyBound(stage: Stage, pages: number, rounds: number): Promise<Finding> {
  const databases = Array.from(
    { length: STREAMS },
    (_, index) => new SampleDatabase(`slow-${index}`, orders, pages * PAGE_SIZE),
  );
  for (const database of databases) database.prerender(PAGE_SIZE);
  const upstream = await serveSampleCouchDb({ databases, ...CREDENTIALS, beforePage: () => delay(LATENCY_MS) });
  try {
    const seconds: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const id = await stage.connectTo(databases, PAGE_SIZE, upstream.address);
      seconds.push((await runToEnd(stage, id, { isFull: false, inserted: STREAMS * pages * PAGE_SIZE })).seconds);
      await stage.client.connections.remove(id);
    }
    const least = (pages * LATENCY_MS) / 1_000;
    return {
      name: `pages of ${PAGE_SIZE} from an upstream that takes ${LATENCY_MS} ms, rate / what its latency allows`,
      value: least / median(seconds),
      target: { atLeast: 0.9 },
      from: `${median(seconds).toFixed(2)} s, ${least.toFixed(2)} s at least: ${STREAMS} streams side by side of ${pages} pages`,
    };
  } finally {
    await upstream.close();
  }
}
