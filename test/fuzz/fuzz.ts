import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";

import { readOptions, runCommand } from "#cli/command";
import { ensureDevVars } from "#cli/dev-vars";
import { freePort } from "#cli/port";
import { startWorker } from "#cli/worker-process";
import { readApiDocument } from "./api-document.ts";
import { Coverage } from "./coverage.ts";
import { cursorFaults } from "./cursor-rule.ts";
import { explainFailure } from "./explain-failure.ts";
import { runHistory, walk } from "./fuzz-history.ts";
import { requestFor } from "./fuzz-request.ts";
import { HINTS } from "./hints.ts";
import { httpWorld, startOutside } from "./http-world.ts";
import { inOrder, rightRequest } from "./right-request.ts";
import { signedDelivery } from "./signed-delivery.ts";

const USAGE = "npm run fuzz [-- --seed N --minutes M]";
const REQUESTS = 60;
/** Deliveries to addresses that look at signatures, beside as many requests as there are operations. */
const SIGNED = 3;

/** `npm run fuzz`: hostile requests over HTTP, to a Worker of its own, until the time is over. */
await runCommand(async (onEnd) => {
  const text = { type: "string" } as const;
  const options = readOptions({ seed: text, minutes: text }, USAGE);
  const seed = Number(options.seed ?? randomBytes(4).readInt32BE());
  const minutes = Number(options.minutes ?? 2);
  const directory = mkdtempSync(join(tmpdir(), "sluice-fuzz-"));
  onEnd(() => rmSync(directory, { recursive: true, force: true }));
  const stateDirectory = join(directory, "state");
  const secretsFile = join(directory, ".dev.vars");
  const { apiKey } = ensureDevVars(secretsFile, randomBytes);
  const outside = await startOutside();
  onEnd(() => outside.close());
  console.error("Building and starting the Worker …");
  const worker = await startWorker({
    port: await freePort(),
    stateDirectory,
    secretsFile,
    vars: { ENABLE_INTERNAL_SOURCES: "true", ALLOW_PRIVATE_UPSTREAMS: "true", RATE_LIMIT_REQUESTS: "1000000000" },
  });
  onEnd(() => worker.kill());

  const response = await fetch(`${worker.address}/openapi.json`);
  const document = readApiDocument(await response.json());
  const hints = { ...HINTS, url: [...(HINTS["url"] ?? []), outside.url, outside.url] };
  const requests = fc.oneof(
    ...document.operations.map((operation) => requestFor(operation, document, hints, outside.url)),
    ...Array.from({ length: SIGNED }, () => signedDelivery),
  );
  const coverage = new Coverage();
  const count = (id: string, status: number) => coverage.count(id, status);
  const atRandom = new Coverage();
  const countAtRandom = (id: string, status: number) => {
    count(id, status);
    atRandom.count(id, status);
  };
  const newWorld = () => httpWorld({ address: worker.address, rootKey: apiKey, stateDirectory, receiver: outside.url });
  const right = inOrder(document.operations).map((operation) => rightRequest(operation, outside.url, 0));
  await walk(await newWorld(), document, right, count);
  const faults = await cursorFaults(await newWorld(), document);
  if (faults.length > 0) console.error(faults.join("\n"));

  console.error(`Sending requests of seed ${seed} for ${minutes} min …`);
  const details = await fc.check(
    fc.asyncProperty(fc.array(requests, { minLength: 1, maxLength: REQUESTS, size: "max" }), async (history) =>
      runHistory(await newWorld(), document, history, countAtRandom),
    ),
    { seed, numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: minutes * 60_000 },
  );
  const statuses = [...coverage.statuses()];
  const total = statuses.reduce((sum, [, times]) => sum + times, 0);
  console.log(
    `${total} requests of seed ${seed}; ${statuses.map(([status, times]) => `${status}: ${times}`).join(", ")}`,
  );
  const failure = explainFailure(details);
  if (failure !== null) console.error(failure);
  const unlucky = atRandom.unreached(document.operations);
  if (unlucky.length > 0) console.log(`At random nothing of these was accepted: ${unlucky.join(", ")}.`);
  const unreached = coverage.unreached(document.operations);
  if (unreached.length > 0) console.error(`Nothing of these was accepted: ${unreached.join(", ")}.`);
  return failure === null && faults.length === 0 && unreached.length === 0 ? 0 : 1;
});
