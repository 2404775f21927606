import { setTimeout as delay } from "node:timers/promises";

import { isFinal } from "#cli/job-end";
import type { SampleDatabase } from "#cli/sample-database";
import { ended } from "./finished-job.ts";
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
}

/** So many connections that sync at the same time, each a database of `entities` of its own copy. Throws unless all complete. */
export async function syncMany(stage: Stage, connections: number, database: SampleDatabase): Promise<ManyResult> {
  const ids: string[] = [];
  await byMany(connections, async () => {
    ids.push(await stage.connectTo(database, PAGE_SIZE));
  });
  let peakMegabytes = 0;
  const sample = setInterval(() => (peakMegabytes = Math.max(peakMegabytes, stage.megabytes())), 200);
  const start = performance.now();
  const jobs: { id: string; jobId: string }[] = [];
  await byMany(connections, async (index) => {
    const id = ids[index] ?? "";
    jobs.push({ id, jobId: (await stage.client.jobs.run(id)).id });
  });
  const waits: number[] = [];
  await byMany(connections, async (index) => {
    const { id, jobId } = jobs[index] ?? { id: "", jobId: "" };
    let job = await stage.client.jobs.get(id, jobId);
    while (!isFinal(job)) {
      await delay(LOOK_EVERY_MS);
      job = await stage.client.jobs.get(id, jobId);
    }
    ended(job, { inserted: database.size });
    waits.push((Date.parse(job.started_at ?? job.created_at) - Date.parse(job.created_at)) / 1_000);
  });
  const seconds = (performance.now() - start) / 1_000;
  clearInterval(sample);
  await byMany(connections, (index) => stage.client.connections.remove(ids[index] ?? ""));
  const sorted = waits.toSorted((a, b) => a - b);
  return {
    connections,
    seconds,
    entitiesASecond: (connections * database.size) / seconds,
    peakMegabytes,
    startedAfter: { median: sorted[Math.floor(sorted.length / 2)] ?? 0, max: sorted.at(-1) ?? 0 },
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
