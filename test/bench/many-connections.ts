import { setTimeout as delay } from "node:timers/promises";

import type { Job } from "#cli/api-answers";
import { isFinal } from "#cli/job-end";
import type { SampleDatabase } from "#cli/sample-database";
import { fairnessOf, type Fairness, type Stay } from "./fairness.ts";
import { median } from "./finding.ts";
import { ended } from "./finished-job.ts";
import { MemorySamples } from "./memory-samples.ts";
import { objectUsage } from "./object-usage.ts";
import type { Stage } from "./stage.ts";

const PAGE_SIZE = 100;
/** Requests of ours at a time. */
const CALLERS = 20;
const LOOK_EVERY_MS = 1_000;
/**
 * Connections of which rows are counted, evenly spread. They are asked as soon as they are done: an object counts from
 * when it came into memory, and is put out of it after some seconds without work.
 */
const COUNTED = 20;

export interface ManyResult {
  readonly connections: number;
  readonly entitiesASecond: number;
  /** From the first run to the last job's end. */
  readonly seconds: number;
  readonly peakMegabytes: number;
  /** Written by their objects: of some of them. */
  readonly rowsPerEntity: number;
  /** Until a run is accepted while others are started and at work, the median of all. */
  readonly runMsAtOnce: number;
  /** From being accepted to its first slice, and to its end: the median job and the slowest. */
  readonly startedAfter: { readonly median: number; readonly max: number };
  readonly fairness: Fairness;
}

interface Times extends Stay {
  readonly startedAt: number;
}

/**
 * So many connections that sync at the same time, each a copy of its own of the database. Throws unless all complete.
 *
 * @param afterwards is given all of them when their syncs are over, before they are removed
 */
export async function syncMany(
  stage: Stage,
  connections: number,
  database: SampleDatabase,
  afterwards: (connectionIds: readonly string[]) => Promise<unknown>,
): Promise<ManyResult> {
  const ids: string[] = [];
  await byMany(connections, async () => {
    ids.push(await stage.connectTo(database, PAGE_SIZE));
  });
  const memory = new MemorySamples(stage);
  const start = performance.now();
  const jobs: { id: string; jobId: string }[] = [];
  const runMs: number[] = [];
  const counted: Promise<number>[] = [];
  await byMany(connections, async (index) => {
    const id = ids[index] ?? "";
    const isCounted = index % Math.ceil(connections / COUNTED) === 0;
    const rowsBefore = isCounted ? (await objectUsage(stage, id)).rowsWritten : 0;
    const runAt = performance.now();
    const { id: jobId } = await stage.client.jobs.run(id);
    runMs.push(performance.now() - runAt);
    jobs.push({ id, jobId });
    if (isCounted) counted.push(rowsOnceEnded(stage, id, jobId).then((rows) => rows - rowsBefore));
  });
  const times: Times[] = [];
  await byMany(connections, async (index) => {
    const { id, jobId } = jobs[index] ?? { id: "", jobId: "" };
    const job = await onceEnded(stage, id, jobId);
    ended(job, { inserted: database.size });
    const startedAt = Date.parse(job.started_at ?? "");
    const endedAt = startedAt + (job.duration_seconds ?? 0) * 1_000;
    times.push({ acceptedAt: Date.parse(job.created_at), startedAt, endedAt });
  });
  const seconds = (performance.now() - start) / 1_000;
  memory.end();
  const rows = await Promise.all(counted);
  await afterwards(ids);
  await byMany(connections, (index) => stage.client.connections.remove(ids[index] ?? ""));
  const sorted = times.map(({ acceptedAt, startedAt }) => (startedAt - acceptedAt) / 1_000).toSorted((a, b) => a - b);
  return {
    connections,
    seconds,
    entitiesASecond: (connections * database.size) / seconds,
    peakMegabytes: memory.peak,
    rowsPerEntity: rows.reduce((sum, each) => sum + each, 0) / (rows.length * database.size),
    runMsAtOnce: median(runMs),
    startedAfter: { median: sorted[Math.floor(sorted.length / 2)] ?? 0, max: sorted.at(-1) ?? 0 },
    fairness: fairnessOf(times),
  };
}

async function onceEnded({ client }: Stage, id: string, jobId: string): Promise<Job> {
  let job = await client.jobs.get(id, jobId);
  while (!isFinal(job)) {
    await delay(LOOK_EVERY_MS);
    job = await client.jobs.get(id, jobId);
  }
  return job;
}

async function rowsOnceEnded(stage: Stage, id: string, jobId: string): Promise<number> {
  await onceEnded(stage, id, jobId);
  return (await objectUsage(stage, id)).rowsWritten;
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
