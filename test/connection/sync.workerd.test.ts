import { evictDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { STRIKE_LIMIT } from "#core/job";
import { CouchUpstream, neverAnswered } from "#test/support/couch-upstream";
import { follow, ORGANIZATION, stopClock, TestConnection, valueOf } from "#test/support/connection";

beforeEach(stopClock);
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

test("a sync copies the upstream, and the next one only what has changed since", async () => {
  const upstream = new CouchUpstream().install().fill(35);
  const connection = await TestConnection.create();

  expect(await connection.sync()).toMatchObject({ status: "COMPLETED", mode: "full", counts: { inserted: 35 } });
  expect(await connection.copy()).toEqual(upstream.documents());

  upstream.put("d3", { changed: true });
  upstream.put("new");
  upstream.remove("d5");
  const second = await connection.sync();
  expect(second).toMatchObject({
    status: "COMPLETED",
    mode: "incremental",
    counts: { inserted: 1, updated: 1, deleted: 1, kept: 0, failed: 0 },
  });
  expect(await connection.copy()).toEqual(upstream.documents());
  expect(follow((await connection.changes()).changes)).toEqual(upstream.documents());
});

test("a forced full sync finds what has gone without a trace", async () => {
  const upstream = new CouchUpstream().install().fill(30);
  const connection = await TestConnection.create();
  await connection.sync();
  const recreated = new CouchUpstream().install().fill(20);
  expect(recreated).not.toBe(upstream);

  expect(await connection.sync({ forceFullSync: true })).toMatchObject({
    status: "COMPLETED",
    mode: "full",
    counts: { inserted: 0, deleted: 10 },
  });
  expect(await connection.copy()).toEqual(recreated.documents());
});

test("deletes that are held back are made once they have been confirmed", async () => {
  new CouchUpstream().install().fill(200);
  const connection = await TestConnection.create({ config: { url: CouchUpstream.url, databases: ["db"] } });
  await connection.sync();
  new CouchUpstream().install().fill(20);

  expect(await connection.sync({ forceFullSync: true })).toMatchObject({
    status: "FAILED",
    errorCategory: "deletes_held_back",
  });
  expect((await connection.copy()).size).toBe(200);
  expect(await connection.sync({ forceFullSync: true, confirmDeletes: true })).toMatchObject({
    status: "COMPLETED",
    counts: { deleted: 180 },
  });
  expect((await connection.copy()).size).toBe(20);
});

test("an object that is evicted between slices goes on from its checkpoint and counts nothing twice", async () => {
  const upstream = new CouchUpstream().install().fill(600);
  const connection = await TestConnection.create();
  const job = valueOf(await connection.run());
  await connection.nextAlarm();
  const midway = await connection.job(job.id);
  expect(midway).toMatchObject({ status: "RUNNING" });
  expect(midway.counts.inserted).toBeGreaterThan(0);
  expect(midway.counts.inserted).toBeLessThan(600);
  await evictDurableObject(connection.stub);
  const calls = upstream.calls;

  expect(await connection.finish(job)).toMatchObject({
    status: "COMPLETED",
    counts: { inserted: 600, updated: 0, deleted: 0, kept: 0, failed: 0 },
  });
  expect(upstream.calls - calls).toBeLessThan(60);
  expect(await connection.copy()).toEqual(upstream.documents());
});

test.each([2, 3, 4, 7, 8, 9])(
  "an object that is killed during request %i resumes, exact to the entity",
  async (killedAt) => {
    const upstream = new CouchUpstream().install().fill(70);
    const connection = await TestConnection.create();
    const job = valueOf(await connection.run());
    const first = upstream.calls;
    upstream.interfere = ({ number }) => (number === first + killedAt ? neverAnswered() : undefined);
    await connection.dieInAlarm(() => upstream.calls === first + killedAt);

    expect(await connection.job(job.id)).toMatchObject({ status: "RUNNING", isAtWork: true });
    expect(await connection.finish(job)).toMatchObject({ status: "COMPLETED", counts: { inserted: 70, kept: 0 } });
    expect(await connection.copy()).toEqual(upstream.documents());
    expect(follow((await connection.changes()).changes)).toEqual(upstream.documents());
  },
);

test("a page that kills its object again and again fails the job instead of costing money for ever", async () => {
  const upstream = new CouchUpstream().install().fill(70);
  const connection = await TestConnection.create();
  const job = valueOf(await connection.run());
  for (let deaths = 0; deaths < STRIKE_LIMIT; deaths += 1) {
    const before = upstream.calls;
    upstream.interfere = () => neverAnswered();
    await connection.dieInAlarm(() => upstream.calls > before);
    expect(await connection.job(job.id)).toMatchObject({ status: "RUNNING", strikes: deaths + 1 });
  }

  expect(await connection.finish(job)).toMatchObject({ status: "FAILED", errorCategory: "no_progress" });
});

test("a rate limit is waited out without work: one alarm, at the time that was asked for", async () => {
  const upstream = new CouchUpstream().install().fill(15);
  const connection = await TestConnection.create();
  const job = valueOf(await connection.run());
  upstream.interfere = ({ view }) =>
    view === "changes" ? new Response("{}", { status: 429, headers: { "retry-after": "7200" } }) : undefined;
  await connection.nextAlarm();
  const limitedAt = Date.now();

  expect(await connection.job(job.id)).toMatchObject({
    status: "RUNNING",
    isAtWork: false,
    waiting: { until: limitedAt + 7_200_000, reason: expect.stringContaining("429") },
  });
  upstream.interfere = () => undefined;
  expect(await connection.finish(job)).toMatchObject({ status: "COMPLETED", counts: { inserted: 15 } });
  expect(Date.now()).toBeGreaterThanOrEqual(limitedAt + 7_200_000);
});

test("refused credentials fail the job and mark the connection, until they are replaced", async () => {
  const upstream = new CouchUpstream().install().fill(5);
  const connection = await TestConnection.create();
  upstream.interfere = ({ authorization }) =>
    authorization === `Basic ${btoa("reader:new")}` ? undefined : new Response("{}", { status: 401 });

  expect(await connection.sync()).toMatchObject({ status: "FAILED", errorCategory: "api_key_invalid" });
  expect((await connection.describe()).status).toBe("needs_reauth");
  vi.setSystemTime(Date.now() + 1_000);
  const refused = await connection.stub.update(ORGANIZATION, { credentials: { username: "reader", password: "bad" } });
  expect(refused).toMatchObject({ ok: false, refusal: { code: "source_refused" } });
  expect((await connection.describe()).status).toBe("needs_reauth");

  valueOf(await connection.stub.update(ORGANIZATION, { credentials: { username: "reader", password: "new" } }));
  expect((await connection.describe()).status).toBe("active");
  expect(await connection.sync()).toMatchObject({ status: "COMPLETED", counts: { inserted: 5 } });
});

test.each([
  ["truncated JSON", () => new Response('{"results":[', { headers: { "content-type": "application/json" } })],
  ["HTML with status 200", () => new Response("<html>Down for maintenance</html>")],
  ["another JSON", () => Response.json({ hello: "world" })],
  ["403", () => new Response("{}", { status: 403 })],
  ["404", () => new Response("{}", { status: 404 })],
])("%s in the middle of a full sync deletes nothing", async (_case, answer) => {
  new CouchUpstream().install().fill(30);
  const connection = await TestConnection.create();
  await connection.sync();
  const broken = new CouchUpstream().install().fill(15);
  const before = broken.calls;
  broken.interfere = ({ number, view }) => (view === "changes" && number > before + 3 ? answer() : undefined);
  const job = await connection.sync({ forceFullSync: true });

  expect(job.status).toBe("FAILED");
  expect(job.error).not.toBe("");
  expect(job.counts.deleted).toBe(0);
  expect((await connection.copy()).size).toBe(30);
});

test("a first sync writes at most 1.05 rows an entity, a re-read without changes at most 0.01", async () => {
  new CouchUpstream().install().fill(10_000);
  const config = { url: CouchUpstream.url, databases: ["db"], page_size: 1_000 };
  const connection = await TestConnection.create({ config });
  const before = await connection.stub.storageUsage();
  expect(await connection.sync()).toMatchObject({ counts: { inserted: 10_000 } });
  const first = await connection.stub.storageUsage();
  expect(await connection.sync({ forceFullSync: true })).toMatchObject({ mode: "full", counts: { kept: 10_000 } });
  const second = await connection.stub.storageUsage();

  expect((first.rowsWritten - before.rowsWritten) / 10_000).toBeLessThanOrEqual(1.05);
  expect((second.rowsWritten - first.rowsWritten) / 10_000).toBeLessThanOrEqual(0.01);
  expect(second.rowsWritten - first.rowsWritten).toBeGreaterThan(0);
});

test("a first sync that outlasts its deadline is gone on with by the next one, over an eviction, a new name and a new page size", async () => {
  const upstream = new CouchUpstream().install().fill(50);
  const since: (string | null)[] = [];
  let left = 2;
  upstream.interfere = ({ view, url }) => {
    if (view !== "changes") return undefined;
    if (left === 0) return new Response("Later.", { status: 429, headers: { "retry-after": "7200" } });
    left -= 1;
    since.push(url.searchParams.get("since"));
    return undefined;
  };
  const connection = await TestConnection.create({ settings: { job_deadline_seconds: 3600 } });
  left = 2;
  since.length = 0;

  const first = await connection.sync();
  expect(first).toMatchObject({ status: "FAILED", errorCategory: "rate_limited", counts: { inserted: 20 } });
  await evictDurableObject(connection.stub);
  left = 1;
  expect(await connection.sync()).toMatchObject({ status: "FAILED", counts: { inserted: 10, kept: 0 } });
  left = 100;
  const third = await connection.sync();
  expect(third).toMatchObject({ status: "COMPLETED", counts: { inserted: 20, kept: 0, deleted: 0 } });
  const { entries } = valueOf(await connection.stub.jobLog(ORGANIZATION, third.id, { cursor: null, limit: 10 }));
  expect(entries).toContainEqual(
    expect.objectContaining({ message: "Reads db. Goes on where an earlier sync left off: db." }),
  );
  expect(since.slice(0, 4)).toEqual(["0", "10-x", "20-x", "30-x"]);
  expect(await connection.copy()).toEqual(upstream.documents());

  const second = await TestConnection.create({ settings: { job_deadline_seconds: 3600 } });
  left = 2;
  await second.sync();
  left = 100;
  vi.setSystemTime(Date.now() + 1);
  const config = { url: CouchUpstream.url, databases: ["db"], page_size: 20 };
  valueOf(await second.stub.update(ORGANIZATION, { name: "Another name", config }));
  since.length = 0;
  expect(await second.sync()).toMatchObject({ status: "COMPLETED", counts: { inserted: 30, kept: 0 } });
  expect(since[0]).toBe("20-x");
});
