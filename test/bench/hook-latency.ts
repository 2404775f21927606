import { createHmac, randomUUID } from "node:crypto";
import { z } from "zod";

import { type Finding, median } from "./finding.ts";
import type { Stage } from "./stage.ts";

const SECRET = "bench-of-latency";
const BODY = JSON.stringify({ action: "opened", issue: { number: 1, title: "A body of an ordinary size" } });

const webhookSchema = z.object({ url: z.url() });
const answerSchema = z.object({ status: z.literal("started"), job: z.object({ id: z.uuid() }) });

/**
 * How long a signed delivery takes from the sender's request to the 202 with its job, beside POST …/run. In pairs that
 * follow each other, the order changing, each against a connection of its own that is in memory and idle.
 */
export async function measureHookLatency(stage: Stage, pairs: number): Promise<Finding> {
  const { client } = stage;
  const hooks: number[] = [];
  const runs: number[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    const [hooked, plain] = [await connect(stage, `Hooked ${pair}`), await connect(stage, `Plain ${pair}`)];
    const url = await giveAddress(stage, hooked);
    await client.connections.get(plain);

    const timeHook = async () => {
      const request = signed();
      const start = performance.now();
      const response = await fetch(url, request);
      const answer = answerSchema.parse(await response.json());
      hooks.push(performance.now() - start);
      await client.jobs.untilFinished(hooked, answer.job.id);
    };
    const timeRun = async () => {
      const start = performance.now();
      const { id } = await client.jobs.run(plain);
      runs.push(performance.now() - start);
      await client.jobs.untilFinished(plain, id);
    };
    for (const time of pair % 2 === 0 ? [timeRun, timeHook] : [timeHook, timeRun]) await time();
  }
  const [hook, run] = [median(hooks), median(runs)];
  return {
    name: "hook-to-job latency / run latency",
    value: hook / run,
    target: { atMost: 1.2 },
    from: `${hook.toFixed(2)} ms / ${run.toFixed(2)} ms, medians of ${pairs} pairs`,
  };
}

async function connect({ client }: Stage, name: string): Promise<string> {
  const connection = await client.connections.create({
    name,
    short_name: "stub",
    readable_collection_id: "default",
    config: { entity_count: 1 },
    credentials: { stub_key: "bench" },
    sync_immediately: false,
  });
  return connection.id;
}

async function giveAddress({ address, apiKey }: Stage, id: string): Promise<string> {
  const response = await fetch(`${address}/v1/source-connections/${id}/webhook`, {
    method: "POST",
    headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
    body: JSON.stringify({ verification: { scheme: "github", secrets: [SECRET] } }),
  });
  return webhookSchema.parse(await response.json()).url;
}

function signed() {
  return {
    method: "POST",
    body: BODY,
    headers: {
      "content-type": "application/json",
      "x-github-delivery": randomUUID(),
      "x-hub-signature-256": `sha256=${createHmac("sha256", SECRET).update(BODY).digest("hex")}`,
    },
  };
}
