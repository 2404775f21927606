import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { ApiClient } from "./api-client.ts";
import { readOptions, runCommand } from "./command.ts";
import { tellDemoStory } from "./demo-story.ts";
import { ensureDevVars } from "./dev-vars.ts";
import { Narration } from "./narration.ts";
import { parsePort } from "./port.ts";
import { serveSampleCouchDb } from "./sample-couchdb.ts";
import { SampleDatabase } from "./sample-database.ts";
import { orders as orderMaker, people as personMaker } from "./sample-documents.ts";
import { startWorker } from "./worker-process.ts";
import { PROJECT_DIRECTORY } from "./wrangler.ts";

const USAGE = "npm run demo [-- --once] [--port 8787]";
const PEOPLE = 4_000;
const ORDERS = 26_000;
/** The sample answers about as slowly as a real database across a network. */
const PAGE_LATENCY_MS = 60;

/** `npm run demo`: what Sluice does, shown on this machine. With `--once` the exit code says whether it all held. */
await runCommand(async (onEnd) => {
  const options = readOptions({ port: { type: "string" }, once: { type: "boolean" } }, USAGE);
  const port = parsePort(options.port ?? "8787");
  const tell = new Narration();
  const secretsFile = join(PROJECT_DIRECTORY, ".dev.vars");
  const { apiKey } = ensureDevVars(secretsFile, randomBytes);

  const stateDirectory = mkdtempSync(join(tmpdir(), "sluice-demo-"));
  onEnd(() => rmSync(stateDirectory, { recursive: true, force: true }));

  tell.title("Sluice keeps an exact copy of your sources, and says what changed.");
  tell.say("All of this happens on this machine. Starting the Worker …");
  const worker = await startWorker({
    port,
    stateDirectory,
    secretsFile,
    vars: { ALLOW_PRIVATE_UPSTREAMS: "true", ENABLE_INTERNAL_SOURCES: "true" },
  });
  // Nothing that it stored is needed any more: there is nothing to wait for.
  onEnd(() => worker.kill());

  const people = new SampleDatabase("people", personMaker, PEOPLE);
  const orders = new SampleDatabase("orders", orderMaker, ORDERS);
  const credentials = { username: "reader", password: Buffer.from(randomBytes(12)).toString("base64url") };
  let held: Promise<void> = Promise.resolve();
  const upstream = await serveSampleCouchDb({
    databases: [people, orders],
    ...credentials,
    beforePage: async () => {
      await held;
      await delay(PAGE_LATENCY_MS);
    },
  });
  onEnd(() => upstream.close());
  const hold = () => {
    const gate = Promise.withResolvers<void>();
    held = gate.promise;
    return gate.resolve;
  };

  const client = new ApiClient(worker.address, apiKey);
  const stage = { client, tell, people, orders, upstream: { url: upstream.address, credentials, hold } };
  const connectionId = await tellDemoStory(stage);

  tell.title(tell.allKept ? "Everything held." : "Not everything held. See the lines with ✗ above.");
  if (options.once === true) {
    tell.say("Next: `npm run demo` keeps the server up to play with, `npm run dev` starts one for your own sources.");
    return tell.allKept ? 0 : 1;
  }
  worker.onCrash((log) => {
    console.error(`\nThe Worker ended by itself. The end of its log:\n\n${log}`);
    process.exit(1);
  });
  tell.say(nextSteps(worker.address, apiKey, connectionId));
  return "stay";
});

function nextSteps(address: string, apiKey: string, connectionId: string): string {
  const connection = `${address}/v1/source-connections/${connectionId}`;
  return `The server stays up until Ctrl-C. Go on from here:

curl -H 'Authorization: Bearer ${apiKey}' '${connection}/entities?stream=people&limit=2'
curl -H 'Authorization: Bearer ${apiKey}' '${connection}/changes?limit=2'
curl -H 'Authorization: Bearer ${apiKey}' -X POST ${connection}/run

Documentation: ${address}/docs
For your own sources: npm run dev`;
}
