import { setTimeout as delay } from "node:timers/promises";

import type { Job } from "#cli/api-answers";
import { isFinal } from "#cli/job-end";
import { MAX_RESPONSE_BYTES, serveOddities } from "./odd-upstream.ts";
import type { Stage } from "./stage.ts";

const LOOK_EVERY_MS = 200;
const SHORT_NAME = "pages_of_50_mb";

/** An entity just under the limit, one over it, a document of 50 MB and a page of 50 MB. Throws what is wrong. */
export async function syncOddities(stage: Stage): Promise<string> {
  const { client } = stage;
  const upstream = await serveOddities();
  try {
    const id = await stage.connectTo([{ name: "large" }], 1_000, upstream.address);
    const large = await finish(stage, id);
    if (large.status !== "COMPLETED" || large.entities_inserted !== 2 || large.entities_failed !== 1) {
      throw new Error(`Entities of 1.9 and 2.1 MB: ${JSON.stringify(large)}`);
    }
    const refused = large.error_details?.rejected[0];
    const document = await finish(stage, await stage.connectTo([{ name: "boulders" }], 1_000, upstream.address));
    expectTooLarge(document, ["is too large to be read", "raise MAX_RESPONSE_BYTES"]);
    await client.sources.create(SHORT_NAME, { name: "Pages of 50 MB", manifest: JSON.stringify(upstream.manifest) });
    const pages = await connectToPages(stage);
    upstream.grow();
    const page = await finish(stage, pages);
    expectTooLarge(page, [`answered with more than ${MAX_RESPONSE_BYTES} bytes, the most that is read at once`]);
    const after = await client.copy.entities(id, { limit: 10 });
    if (after.entities.length !== 2) throw new Error(`Of 2 entities ${after.entities.length} can be read.`);
    return `1.9 MB stored and readable, 2.1 MB refused (${refused?.id}: ${refused?.reason}); a document of 50 MB: ${document.error}; a page of 50 MB: ${page.error}`;
  } finally {
    await upstream.close();
  }
}

/** That it was too large to be read is why it failed, and not that a job which dies over it again and again is ended. */
export function expectTooLarge(job: Job, said: readonly string[]): void {
  const isSaid = said.every((words) => job.error?.includes(words) === true);
  if (job.status === "FAILED" && job["error_category"] === "bad_response" && isSaid) return;
  throw new Error(
    `50 MB at once, which is to be a bad_response that says "${said.join("… ")}": ${JSON.stringify(job)}`,
  );
}

async function connectToPages({ client }: Stage): Promise<string> {
  const connection = await client.connections.create({
    name: "Pages of 50 MB",
    short_name: SHORT_NAME,
    readable_collection_id: "default",
    config: {},
    credentials: {},
    sync_immediately: false,
    schedule: null,
  });
  return connection.id;
}

async function finish({ client }: Stage, id: string): Promise<Job> {
  const { id: jobId } = await client.jobs.run(id);
  let job = await client.jobs.get(id, jobId);
  while (!isFinal(job)) {
    await delay(LOOK_EVERY_MS);
    job = await client.jobs.get(id, jobId);
  }
  return job;
}
