import { randomInt } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { serveSampleCouchDb, type SampleCouchDb } from "#cli/sample-couchdb";
import { SampleDatabase } from "#cli/sample-database";
import { people } from "#cli/sample-documents";
import { jobRefusalSchema } from "#http/schemas/refusal";
import { seededRandom } from "#sources/internal/seeded-random";
import { connect, countsOf, describeConnection, isFinal, listJobs, run, untilEnded } from "./connection.ts";
import { expectFeedToGiveTheCopy, expectSameCopy, exportCopy, follow, keyOf, type Copy } from "./copy.ts";
import { startSluice, type Sluice } from "./sluice.ts";
import { until } from "./until.ts";

const DOCUMENTS = 10_000;
const PAGE_SIZE = 100;
const LATENCY_MS = 15;
const CREDENTIALS = { username: "reader", password: "crash" };

/** Wrangler starts in 2 to 6 s. A job whose alarm is lost would only go on a minute or two later. */
const RESUME_WITHIN_MS = 5_000;

/** The moments of death come from this; set CRASH_SEED to see a failure again. */
const seed = Number(process.env["CRASH_SEED"] ?? randomInt(2 ** 31));

let sluice: Sluice;
let upstream: SampleCouchDb;
/** Notes how far it was read. */
class WatchedDatabase extends SampleDatabase {
  readSince = 0;

  override changes(since: string, limit: number): Buffer | null {
    this.readSince = Number.parseInt(since, 10);
    return super.changes(since, limit);
  }
}
const database = new WatchedDatabase("people", people, DOCUMENTS);
const originals = numbers(1, DOCUMENTS).map((n) => database.id(n));
const newcomers = numbers(1, 500).map((n) => `newcomer-${n}`);
/** Pages that the upstream was asked for, and who wants to hear of the next. */
let pages = 0;
let onPage: (() => void) | null = null;
/** Holds pages back while the Worker starts, so that a slow start does not leave too few of them to die in. */
let started: Promise<void> = Promise.resolve();

beforeAll(async () => {
  console.log(`Moments of death from CRASH_SEED=${seed}.`);
  upstream = await serveSampleCouchDb({
    databases: [database],
    ...CREDENTIALS,
    beforePage: async () => {
      pages += 1;
      onPage?.();
      await started;
      await pause(LATENCY_MS);
    },
  });
  sluice = await startSluice();
});
afterAll(async () => {
  await sluice?.close();
  await upstream?.close();
});

describe("kill -9 of the running Worker, again and again", () => {
  const random = seededRandom(seed, 0);
  let id: string;

  test("a first sync ends with the exact copy and exact counts, with nobody asking for it", async () => {
    ({ id } = await connect(sluice, {
      short_name: "couchdb",
      config: { url: upstream.address, databases: ["people"], page_size: PAGE_SIZE },
      credentials: CREDENTIALS,
    }));
    const job = await run(sluice, id);
    await killRepeatedly(4, 22);
    // No request wakes it: the alarm alone has to.
    await until("the last page was asked for", () => database.readSince === DOCUMENTS - PAGE_SIZE, 60_000);
    const ended = await untilEnded(sluice, job);
    expect(ended).toMatchObject({ status: "COMPLETED", error: null });
    expect(countsOf(ended)).toEqual({ inserted: DOCUMENTS, updated: 0, deleted: 0, kept: 0, failed: 0 });
    await expectExactCopy(id);
  });

  test("an incremental one too, after edits, deletes and additions", async () => {
    const before: Copy = new Map();
    const { cursor } = await follow(sluice, id, null, before);
    for (const documentId of originals.slice(0, 2_000)) database.put(documentId, { city: "Atlantis" });
    for (const documentId of originals.slice(-1_000)) database.remove(documentId);
    for (const documentId of newcomers) database.put(documentId, { name: documentId });
    const job = await run(sluice, id);
    expect(job.sync_mode).toBe("incremental");
    await killRepeatedly(3, 10);
    const ended = await untilEnded(sluice, job);
    expect(ended).toMatchObject({ status: "COMPLETED", error: null });
    expect(countsOf(ended)).toEqual({ inserted: 500, updated: 2_000, deleted: 1_000, kept: 0, failed: 0 });
    await expectExactCopy(id);
    // A consumer that kept its place sees these changes and no others, each once.
    expect(await follow(sluice, id, cursor, before)).toMatchObject({ upserts: 2_500, deletes: 1_000 });
    expectSameCopy(before, upstreamCopy());
  });

  /** Ends the Worker each time somewhere within the given number of pages after it went on, and starts it again. */
  async function killRepeatedly(times: number, withinPages: number): Promise<void> {
    for (let kill = 1; kill <= times; kill += 1) {
      await pagesFromNow(1 + Math.floor(random() * withinPages));
      await pause(random() * 2 * LATENCY_MS);
      await sluice.kill();
      const { promise, resolve: goOn } = Promise.withResolvers<void>();
      started = promise;
      const killedAt = pages;
      const startedAt = Date.now();
      const resumed = pagesFromNow(1).then(() => Date.now() - startedAt);
      await sluice.start();
      const healthyMs = Date.now() - startedAt;
      await until("the alarm resumed the job", () => pages > killedAt, RESUME_WITHIN_MS);
      console.log(
        `Kill ${kill}, at page ${killedAt}: healthy ${healthyMs} ms after the restart began, next page after ${await resumed} ms.`,
      );
      goOn();
    }
  }
});

test("fifty simultaneous runs start one job; the others get 409 with it", async () => {
  const { id } = await connect(sluice, {
    short_name: "timed",
    config: { entity_count: 5, duration_seconds: 2 },
    credentials: { timed_key: "any" },
  });
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => sluice.call("POST", `/source-connections/${id}/run`)),
  );
  const accepted = answers.filter(({ status }) => status === 200);
  const refused = answers.filter(({ status }) => status === 409);
  expect([accepted.length, refused.length]).toEqual([1, 49]);
  const [job, ...others] = await listJobs(sluice, id);
  expect(others).toEqual([]);
  for (const { body } of refused) expect(jobRefusalSchema.parse(body).job.id).toBe(job?.id);
});

function pagesFromNow(count: number): Promise<void> {
  const last = pages + count;
  return new Promise((resolve) => {
    onPage = () => {
      if (pages < last) return;
      onPage = null;
      resolve();
    };
  });
}

async function expectExactCopy(id: string): Promise<void> {
  expectSameCopy(await exportCopy(sluice, id), upstreamCopy());
  await expectFeedToGiveTheCopy(sluice, id);
  expect((await listJobs(sluice, id)).filter((job) => !isFinal(job))).toEqual([]);
  const { status, entities } = await describeConnection(sluice, id);
  expect(status).toBe("active");
  expect(entities?.total_entities).toBe(database.size);
}

function upstreamCopy(): Copy {
  const copy: Copy = new Map();
  for (const documentId of [...originals, ...newcomers]) {
    const document = database.get(documentId);
    if (document !== null) copy.set(keyOf("people", documentId), document);
  }
  return copy;
}

function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
