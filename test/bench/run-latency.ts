import { createServer } from "node:http";

import { type Finding, median, quantile } from "./finding.ts";
import type { Stage } from "./stage.ts";

interface Times {
  readonly runs: number[];
  readonly bares: number[];
  /** From sending POST …/run to the source's first request. */
  readonly firstRequests: number[];
}

/**
 * How long POST …/run takes, beside a route that only asks an object to write a row and D1 to write another, and how
 * long until the source is asked for something.
 *
 * In pairs that follow each other, the order changing from pair to pair, so that whatever else the machine does meets
 * both. Each connection runs once, in an object that is in memory already.
 */
export async function measureRunLatency(stage: Stage, pairs: number): Promise<Finding[]> {
  const upstream = await listen();
  const times: Times = { runs: [], bares: [], firstRequests: [] };
  try {
    for (let pair = 0; pair < pairs; pair += 1) await measurePair(stage, upstream, pair, times);
  } finally {
    await upstream.close();
  }
  const { runs, bares, firstRequests } = times;
  const beside = (name: string, own: number, bare: number, atMost: number | null): Finding => ({
    name,
    value: own / bare,
    target: atMost === null ? null : { atMost },
    from: `${own.toFixed(2)} ms / ${bare.toFixed(2)} ms, ${pairs} pairs`,
  });
  return [
    beside("latency of `run`, p50 / bare route", median(runs), median(bares), 1.3),
    beside("latency of `run`, p99 / bare route", quantile(runs, 0.99), quantile(bares, 0.99), 1.3),
    beside(
      "from `run` to the first request to the source, p50 / bare route",
      median(firstRequests),
      median(bares),
      null,
    ),
  ];
}

async function measurePair(stage: Stage, upstream: QuietCouchDb, pair: number, times: Times): Promise<void> {
  const { client, post } = stage;
  const connection = await client.connections.create({
    name: `Latency ${pair}`,
    short_name: "couchdb",
    readable_collection_id: "default",
    config: { url: upstream.address, databases: ["quiet"] },
    credentials: { anonymous: true },
    sync_immediately: false,
    schedule: null,
  });
  // Both objects are in memory before they are timed.
  await post(`/bare/latency-${pair}/run`);
  await client.connections.get(connection.id);

  const timeBare = async () => {
    const start = performance.now();
    await post(`/bare/latency-${pair}/run`);
    times.bares.push(performance.now() - start);
  };
  const timeRun = async () => {
    const asked = upstream.nextRequest();
    const start = performance.now();
    const { id } = await client.jobs.run(connection.id);
    times.runs.push(performance.now() - start);
    times.firstRequests.push((await asked) - start);
    // A job begins to work as soon as it is accepted. Nothing else is timed beside it.
    await client.jobs.untilFinished(connection.id, id);
  };
  for (const time of pair % 2 === 0 ? [timeBare, timeRun] : [timeRun, timeBare]) await time();
}

interface QuietCouchDb {
  readonly address: string;
  /** When it comes, by `performance.now()`. */
  nextRequest(): Promise<number>;
  close(): Promise<void>;
}

/** A database without documents that notes when it is asked for something. */
async function listen(): Promise<QuietCouchDb> {
  let onRequest: ((at: number) => void) | null = null;
  const server = createServer((request, response) => {
    onRequest?.(performance.now());
    onRequest = null;
    const isChanges = request.url?.includes("_changes") === true;
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(isChanges ? { results: [], last_seq: "0", pending: 0 } : { db_name: "quiet" }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  return {
    address: `http://127.0.0.1:${typeof bound === "object" && bound !== null ? bound.port : 0}`,
    nextRequest: () => new Promise((resolve) => (onRequest = resolve)),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
