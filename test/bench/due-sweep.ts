import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";

import type { Finding } from "./finding.ts";
import type { Stage } from "./stage.ts";

const DUE = 800;
const REAL = 100;
const MINUTE_MS = 60_000;

const costSchema = z.object({ due: z.number(), started: z.number(), queries: z.number(), rowsRead: z.number() });

/**
 * What the minute's sweep costs in a D1 with this many connections: rows read and calls made for each that is due,
 * and how long it takes to start jobs in real objects beside starting as many in bare ones.
 */
export async function measureDueSweep(stage: Stage, connections: number): Promise<Finding[]> {
  const { post } = stage;
  await post("/sweep/fill", { count: connections, due: DUE });
  const [dryMs, dry] = await timed(async () => costSchema.parse(await post("/sweep/dry")));
  expectEqual("connections due", dry.due, DUE);
  await post("/sweep/clear");
  const [idleMs, idle] = await timed(async () => costSchema.parse(await post("/sweep/dry")));
  expectEqual("connections due", idle.due, 0);

  const real = await sweepRealObjects(stage);
  const many = connections.toLocaleString("en-US");
  return [
    {
      name: "sweep, D1 rows read / due",
      value: dry.rowsRead / DUE,
      target: { atMost: 1.05 },
      from: `${dry.rowsRead} rows, ${DUE} due of ${many}, ${dryMs.toFixed(0)} ms; none due: ${idle.rowsRead} rows, ${idleMs.toFixed(1)} ms`,
    },
    {
      name: "sweep, calls / due",
      value: (DUE + dry.queries) / DUE,
      target: { atMost: 1.05 },
      from: `${DUE} to objects, ${dry.queries} to D1`,
    },
    {
      name: "sweep / bare objects",
      value: real.sweepMs / real.bareMs,
      // The jobs that it starts are at work meanwhile, on the same processors.
      target: { atMost: 5 },
      from: `${real.sweepMs.toFixed(2)} ms / ${real.bareMs.toFixed(2)} ms for each job started, ${many} connections in D1`,
    },
  ];
}

/** Milliseconds for each. */
async function sweepRealObjects({ client, post }: Stage): Promise<{ sweepMs: number; bareMs: number }> {
  const ids: string[] = [];
  for (let index = 0; index < REAL; index += 1) {
    const connection = await client.connections.create({
      name: `Sweep ${index}`,
      short_name: "incremental_stub",
      readable_collection_id: "default",
      config: { entity_count: 1 },
      credentials: { stub_key: "bench" },
      sync_immediately: false,
      schedule: { cron: "* * * * *", full_sync_cron: null },
    });
    ids.push(connection.id);
  }
  // The first time brings the objects into memory. Timed before the jobs begin, which have the machine busy.
  await post("/bare-sweep", { count: REAL });
  const [bareMs] = await timed(() => post("/bare-sweep", { count: REAL }));
  // All are due when the next minute begins.
  await delay(MINUTE_MS - (Date.now() % MINUTE_MS) + 100);
  const [sweepMs, cost] = await timed(async () => costSchema.parse(await post("/sweep/real")));
  // Connections of other measurements may be due as well.
  if (cost.started < REAL) throw new Error(`The sweep started ${cost.started} jobs, not ${REAL}.`);
  for (const id of ids) await client.connections.remove(id);
  return { sweepMs: sweepMs / cost.started, bareMs: bareMs / REAL };
}

async function timed<T>(work: () => Promise<T>): Promise<[number, T]> {
  const start = performance.now();
  const result = await work();
  return [performance.now() - start, result];
}

function expectEqual(what: string, actual: number, expected: number): void {
  if (actual !== expected) throw new Error(`The sweep had ${actual} ${what}, not ${expected}.`);
}
