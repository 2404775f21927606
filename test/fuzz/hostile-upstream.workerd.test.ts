import * as fc from "fast-check";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { z } from "zod";

import { stopClock } from "#test/support/connection";
import { AnswerCheck } from "./answer-check.ts";
import { readApiDocument, type ApiDocument } from "./api-document.ts";
import type { FuzzWorld } from "./fuzz-history.ts";
import { walk } from "./fuzz-history.ts";
import { withNames } from "./known-name.ts";
import { seededManifest, sourceBodies } from "./fuzzed-sources.ts";
import { hostileJson } from "./hostile-text.ts";
import { rightRequest } from "./right-request.ts";
import { answerInside, send, workerdWorld } from "./workerd-world.ts";

const SEED = 20_261_129;
/** Ways in which a source's lists are hostile. */
const SALTS = Array.from({ length: 7 }, (_, salt) => salt);
const MANIFESTS = 24;
/** A minute each: the jobs here have two seconds. */
const LOOKS = 5;

const jobSchema = z.object({ id: z.string(), status: z.string() });
const idSchema = z.object({ id: z.string() });

let document: ApiDocument;
let world: FuzzWorld;

beforeAll(async () => {
  stopClock();
  answerInside();
  vi.spyOn(console, "log").mockReturnValue();
  const { text } = await send({ method: "GET", address: "/openapi.json", headers: {}, body: null });
  document = readApiDocument(JSON.parse(text));
});
beforeEach(async () => {
  world = await workerdWorld();
});
afterAll(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test.each(["couchdb", "github", "manifest"] as const)(
  "whatever a source of the kind %s answers, its jobs end, and all there is to read can be read",
  async (source) => {
    const statuses: string[] = [];
    for (const salt of SALTS) {
      const created = await call("POST", "/v1/source-connections", sourceBodies(world.receiver, salt)[source]);
      expect(created).toMatchObject({ status: 200 });
      statuses.push(...(await readsOf(idSchema.parse(JSON.parse(created.text)).id)));
    }
    // What is no list of records is not taken for one.
    expect(statuses).toContain("FAILED");
  },
);

test("a damaged manifest that is registered is read to an end, or refused before", async () => {
  const manifests = fc.sample(hostileJson(fc.constant(seededManifest(world.receiver))), {
    seed: SEED,
    numRuns: MANIFESTS,
  });
  let read = 0;
  for (const [index, manifest] of manifests.entries()) {
    const text = typeof manifest === "string" ? manifest : new TextDecoder().decode(manifest);
    const registered = await call("POST", "/v1/sources", { short_name: `odd-${index}`, manifest: text });
    if (registered.status !== 200) continue;
    const { manifest: input } = sourceBodies(world.receiver, index);
    const connected = await call("POST", "/v1/source-connections", { ...input, short_name: `odd-${index}` });
    if (connected.status !== 200) continue;
    await readsOf(idSchema.parse(JSON.parse(connected.text)).id);
    read += 1;
  }
  expect(read).toBeGreaterThan(MANIFESTS / 8);
});

/** Syncs a connection twice, reads everything of it that there is to read, and takes it away. Answers how the jobs ended. */
async function readsOf(id: string): Promise<string[]> {
  world.names.set("source-connections", [id]);
  const statuses: string[] = [];
  for (const query of ["", "?force_full_sync=true"]) {
    const started = await call("POST", `/v1/source-connections/${id}/run${query}`);
    // The first job begins with the connection.
    expect([200, 409]).toContain(started.status);
    const job = await ended(id);
    world.names.set("job_id", [job.id]);
    statuses.push(job.status);
    const reading = document.operations.filter(
      ({ method, path }) => method === "GET" && path.startsWith("/v1/source-connections/{id}"),
    );
    await walk(
      world,
      document,
      reading.map((operation) => rightRequest(operation, world.receiver, 0)),
      () => undefined,
    );
  }
  expect(await call("DELETE", `/v1/source-connections/${id}`)).toMatchObject({ status: 200 });
  await world.settle();
  return statuses;
}

async function ended(id: string): Promise<z.infer<typeof jobSchema>> {
  for (let looks = 0; looks < LOOKS; looks += 1) {
    await world.settle();
    const [job] = jobSchema.array().parse(JSON.parse((await call("GET", `/v1/source-connections/${id}/jobs`)).text));
    if (job !== undefined && /^(?:COMPLETED|FAILED)$/.test(job.status)) return job;
    vi.setSystemTime(Date.now() + 60_000);
  }
  throw new Error("The job does not come to an end.");
}

async function call(method: string, address: string, json?: object) {
  const type: Record<string, string> = json === undefined ? {} : { "content-type": "application/json" };
  const body = json === undefined ? null : withNames(JSON.stringify(json), ({ kind, index }) => named(kind, index));
  const headers = { authorization: `Bearer ${world.keys.owner ?? ""}`, ...type };
  const answer = await send({ method, address, headers, body });
  expect({ address, body, faults: new AnswerCheck(document).faultsOf(method, address, answer) }).toMatchObject({
    faults: [],
  });
  return answer;
}

function named(kind: string, index: number): string {
  return world.names.get(kind)?.[index] ?? "none";
}
