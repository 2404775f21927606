import { type Finding, median } from "./finding.ts";
import type { Stage } from "./stage.ts";

/**
 * How long POST …/run takes, beside a route that only asks an object to write a row and D1 to write another.
 *
 * In pairs that follow each other, the order changing from pair to pair, so that whatever else the machine does meets
 * both. Each connection runs once, in an object that is in memory already.
 */
export async function measureRunLatency(stage: Stage, pairs: number): Promise<Finding> {
  const { client, post } = stage;
  const runs: number[] = [];
  const bares: number[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    const connection = await client.createConnection({
      name: `Latency ${pair}`,
      short_name: "stub",
      readable_collection_id: "default",
      config: { entity_count: 1 },
      credentials: { stub_key: "bench" },
      sync_immediately: false,
    });
    // Both objects are in memory before they are timed.
    await post(`/bare/latency-${pair}/run`);
    await client.connection(connection.id);

    const timeBare = async () => bares.push(await timeOf(() => post(`/bare/latency-${pair}/run`)));
    const timeRun = async () => {
      const start = performance.now();
      const { id } = await client.run(connection.id);
      runs.push(performance.now() - start);
      // A job begins to work as soon as it is accepted. Nothing else is timed beside it.
      await client.untilFinished(connection.id, id);
    };
    for (const time of pair % 2 === 0 ? [timeBare, timeRun] : [timeRun, timeBare]) await time();
  }
  const [run, bare] = [median(runs), median(bares)];
  return {
    name: "run latency / bare route",
    value: run / bare,
    target: { atMost: 1.5 },
    from: `${run.toFixed(2)} ms / ${bare.toFixed(2)} ms, medians of ${pairs} pairs`,
  };
}

/** Milliseconds. */
async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
