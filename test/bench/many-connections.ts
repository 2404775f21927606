import { setTimeout as delay } from "node:timers/promises";

import { isFinal } from "#cli/job-end";
import type { SampleDatabase } from "#cli/sample-database";
import { fairnessOf, type Fairness, type Stay } from "./fairness.ts";
import { ended } from "./finished-job.ts";
import { MemorySamples } from "./memory-samples.ts";
import type { Stage } from "./stage.ts";

const PAGE_SIZE = 100;
/** Requests of ours at a time. */
const CALLERS = 20;
const LOOK_EVERY_MS = 1_000;

export interface ManyResult {
  readonly connections: number;
  readonly entitiesASecond: number;
  /** From the first run to the last job's end. */
  readonly seconds: number;
  readonly peakMegabytes: number;
  /** From being accepted to its first slice, and to its end: the median job and the slowest. */
  readonly startedAfter: { readonly median: number; readonly max: number };
  readonly fairness: Fairness;
}

interface Times extends Stay {
  readonly startedAt: number;
}

/** So many connections that sync at the same time, each a database of `entities` of its own copy. Throws unless all complete. */
export async function syncMany(stage: Stage, connections: number, database: SampleDatabase): Promise<ManyResult> {
  const ids: string[] = [];
  await byMany(connections, async () => {
    ids.push(await stage.connectTo(database, PAGE_SIZE));
  });
  const memory = new MemorySamples(stage);
  const start = performance.now();
  const jobs: { id: string; jobId: string }[] = [];
  await byMany(connections, async (index) => {
    const id = ids[index] ?? "";
    jobs.push({ id, jobId: (await stage.client.jobs.run(id)).id });
  });
  const times: Times[] = [];
  await byMany(connections, async (index) => {
    const { id, jobId } = jobs[index] ?? { id: "", jobId: "" };
    let job = await stage.client.jobs.get(id, jobId);
    while (!isFinal(job)) {
      await delay(LOOK_EVERY_MS);
      job = await stage.client.jobs.get(id, jobId);
    }
    ended(job, { inserted: database.size });
    const startedAt = Date.parse(job.started_at ?? "");
    const endedAt = startedAt + (job.duration_seconds ?? 0) * 1_000;
    times.push({ acceptedAt: Date.parse(job.created_at), startedAt, endedAt });
  });
  const seconds = (performance.now() - start) / 1_000;
  memory.end();
  await byMany(connections, (index) => stage.client.connections.remove(ids[index] ?? ""));
  const sorted = times.map(({ acceptedAt, startedAt }) => (startedAt - acceptedAt) / 1_000).toSorted((a, b) => a - b);
  return {
    connections,
    seconds,
    entitiesASecond: (connections * database.size) / seconds,
    peakMegabytes: memory.peak,
    startedAfter: { median: sorted[Math.floor(sorted.length / 2)] ?? 0, max: sorted.at(-1) ?? 0 },
    fairness: fairnessOf(times),
  };
}

/** Does something `count` times, some at a time. */
export async function byMany(
  count: number,
  work: (index: number) => Promise<unknown>,
  callers = CALLERS,
): Promise<void> {
  let next = 0;
  const caller = async () => {
    while (next < count) {
      const index = next;
      next += 1;
      await work(index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(callers, count) }, caller));
}
