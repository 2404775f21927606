import type { Stage } from "./stage.ts";

/** Milliseconds that POST …/run takes to be answered, of so many incremental runs that follow each other. */
export async function timeRuns({ client }: Stage, connectionId: string, runs: number): Promise<number[]> {
  // The object is in memory before it is timed.
  await client.connections.get(connectionId);
  const times: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const start = performance.now();
    const { id } = await client.jobs.run(connectionId);
    times.push(performance.now() - start);
    const job = await client.jobs.untilFinished(connectionId, id);
    if (job.status !== "COMPLETED") throw new Error(`A run ended ${job.status}: ${job.error}`);
  }
  return times;
}
