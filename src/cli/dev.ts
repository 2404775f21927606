import { randomBytes } from "node:crypto";
import { join, resolve } from "node:path";

import { readOptions, runCommand } from "./command.ts";
import { ensureDevVars } from "./dev-vars.ts";
import { startMinuteClock } from "./minute-clock.ts";
import { parsePort } from "./port.ts";
import { startWorker } from "./worker-process.ts";
import { PROJECT_DIRECTORY } from "./wrangler.ts";

/** Where wrangler itself keeps local state, so that `wrangler d1 execute DB --local` sees the same database. */
const USUAL_STATE = ".wrangler/state";
const USAGE = "npm run dev [-- --port 8787] [--state .wrangler/state]";

/** `npm run dev`: the Worker on this machine, for one's own work. */
await runCommand(async (onEnd) => {
  const options = readOptions({ port: { type: "string" }, state: { type: "string" } }, USAGE);
  const port = parsePort(options.port ?? "8787");
  const secretsFile = join(PROJECT_DIRECTORY, ".dev.vars");
  const { apiKey } = ensureDevVars(secretsFile, randomBytes);

  console.log("Starting Sluice …");
  let started = false;
  const worker = await startWorker({
    port,
    stateDirectory: resolve(PROJECT_DIRECTORY, options.state ?? USUAL_STATE),
    secretsFile,
    // On one's own machine the sources to try are often on it too.
    vars: { ENABLE_INTERNAL_SOURCES: "true", ALLOW_PRIVATE_UPSTREAMS: "true" },
    rebuildOnChange: true,
    // With what the Worker logs: an answer of 500 says only a request id to look for there.
    logLevel: "log",
    // What wrangler says before is of interest only if the start fails, and then it is part of the message.
    onLog: (line) => started && console.log(line),
  });
  onEnd(async () => {
    console.log("\nStopping …");
    await worker.stop();
  });
  worker.onCrash((log) => {
    console.error(`\nThe Worker ended by itself. The end of its log:\n\n${log}`);
    process.exit(1);
  });
  onEnd(startMinuteClock(worker.address));
  started = true;
  console.log(greeting(worker.address, apiKey, options.state ?? USUAL_STATE));
  return "stay";
});

function greeting(address: string, apiKey: string, state: string): string {
  return `
Sluice is running.

  Address   ${address}/v1
  API key   ${apiKey}
  Docs      ${address}/docs

Try it:

  curl -H 'Authorization: Bearer ${apiKey}' ${address}/v1/source-connections

Ctrl-C stops it. What it stored stays in ${state}, its secrets in .dev.vars.
`;
}
