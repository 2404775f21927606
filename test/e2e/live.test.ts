import { afterAll, beforeAll, expect, test, type TestContext } from "vitest";

import { jobProgressSchema } from "#http/schemas/job-events";
import { jobLogSchema, logEntryBodySchema } from "#http/schemas/job-log";
import type { JobBody } from "#http/schemas/job";
import { json } from "#test/support/scripted-upstream";
import { cancel, connect, run, untilEnded } from "./connection.ts";
import { EventSourceClient } from "./event-source.ts";
import { DATABASE, isPage, onPages, startScriptedCouchdb } from "./scripted-couchdb.ts";
import { startSluice, type Sluice } from "./sluice.ts";
import { until } from "./until.ts";

const CREDENTIALS = { username: "reader", password: "never-in-a-log" };

let sluice: Sluice;
beforeAll(async () => {
  sluice = await startSluice();
});
afterAll(() => sluice?.close());

function pathOf(job: JobBody): string {
  return `/source-connections/${job.source_connection_id}/jobs/${job.id}`;
}

function watch(job: JobBody, { onTestFinished }: TestContext, lastEventId: string | null = null): EventSourceClient {
  const client = new EventSourceClient(`${sluice.address}/v1${pathOf(job)}/events`, sluice.apiKey, lastEventId);
  onTestFinished(() => client.close());
  return client;
}

async function logOf(job: JobBody) {
  return jobLogSchema.parse((await sluice.call("GET", `${pathOf(job)}/log`)).body);
}

function progressIn(client: EventSourceClient, name: string) {
  return client.of(name).map(({ data }) => jobProgressSchema.parse(data));
}

function numbersIn(client: EventSourceClient): number[] {
  return client.of("log").map(({ data }) => logEntryBodySchema.parse(data).number);
}

test("a job is seen from its snapshot to its end, and whoever comes back then is told to stop", async (context) => {
  const { id } = await connect(sluice, {
    short_name: "timed",
    config: { entity_count: 40, duration_seconds: 4 },
    credentials: { timed_key: "any" },
  });
  const job = await run(sluice, id);
  const client = watch(job, context);
  await client.stopped;

  expect(client.events[0]?.event).toBe("snapshot");
  expect(client.events.at(-1)?.event).toBe("end");
  const progress = progressIn(client, "progress");
  expect(progress.length).toBeGreaterThan(2);
  const inserted = progress.map((each) => each.job.entities_inserted);
  expect(inserted).toEqual(inserted.toSorted((a, b) => a - b));
  expect(progress.some((each) => each.records_per_second > 0)).toBe(true);
  const [end] = progressIn(client, "end");
  expect(end?.job).toEqual(await untilEnded(sluice, job));
  // The forty, and what they are in.
  expect(end?.streams).toMatchObject([{ state: "done", entities_inserted: 41, entity_count: 41 }]);
  expect(client.connections.map(({ status }) => status)).toEqual([200, 204]);
  // Twice a second at most, over about four seconds.
  expect(progress.length).toBeLessThan(14);
});

test("a client that loses its connection to a crash goes on with Last-Event-ID, and misses nothing", async (context) => {
  const couchdb = await startScriptedCouchdb(300);
  context.onTestFinished(() => couchdb.close());
  const { id } = await connect(sluice, {
    short_name: "couchdb",
    config: { url: couchdb.url, databases: [DATABASE], page_size: 10 },
    credentials: CREDENTIALS,
  });
  let holdsBack = true;
  couchdb.misbehave((request) =>
    holdsBack && isPage(request) && request.url.searchParams.get("since") === "100-x"
      ? json({ error: "slow down" }, { status: 429, headers: { "retry-after": "2" } })
      : null,
  );
  const job = await run(sluice, id);
  const client = watch(job, context);
  await until("the client sees what the job waits for", () =>
    progressIn(client, "progress").some(({ job: seen }) => seen.waiting_until !== null),
  );
  const before = client.lastEventId;
  await sluice.kill();
  holdsBack = false;
  await sluice.start();
  await client.stopped;

  expect(client.connections.find(({ lastEventId }) => lastEventId !== null)?.lastEventId).toBe(before);
  const [end] = progressIn(client, "end");
  expect(end?.job).toMatchObject({ status: "COMPLETED", entities_inserted: 300 });
  const log = await logOf(job);
  const first = numbersIn(client)[0] ?? 1;
  expect(numbersIn(client)).toEqual(log.entries.map(({ number }) => number).filter((number) => number >= first));
  const types = log.entries.map(({ type }) => type);
  expect(types).toEqual(["started", "planned", "rate_limited", "resumed", "stream_finished", "completed"]);
  expect(log.entries[2]).toMatchObject({ level: "warning", stream: DATABASE, until: expect.stringMatching(/Z$/) });
  expect(JSON.stringify(log)).not.toContain(CREDENTIALS.password);
});

test("what waits and is cancelled is seen to end, and clients that hang up disturb nothing", async (context) => {
  const couchdb = await startScriptedCouchdb(50);
  context.onTestFinished(() => couchdb.close());
  const { id } = await connect(sluice, {
    short_name: "couchdb",
    config: { url: couchdb.url, databases: [DATABASE], page_size: 10 },
    credentials: CREDENTIALS,
  });
  couchdb.misbehave(
    onPages((page) => (page > 1 ? json({}, { status: 429, headers: { "retry-after": "600" } }) : null)),
  );
  const job = await run(sluice, id);
  const clients = Array.from({ length: 5 }, () => watch(job, context));
  const [stays, ...leave] = clients;
  await until("all see that it waits", () =>
    clients.every((client) =>
      [...progressIn(client, "snapshot"), ...progressIn(client, "progress")].some(
        ({ streams }) => streams[0]?.state === "waiting",
      ),
    ),
  );
  for (const client of leave) client.close();
  expect((await cancel(sluice, id, job.id)).status).toBe(200);
  await stays?.stopped;
  expect(stays?.of("end")).toMatchObject([{ data: { job: { status: "CANCELLED" } } }]);
  expect((await logOf(job)).entries.map(({ type }) => type)).toEqual([
    "started",
    "planned",
    "rate_limited",
    "cancelled",
  ]);
  expect(sluice.log.filter((line) => /uncaught|unexpected_error/i.test(line))).toEqual([]);
});
