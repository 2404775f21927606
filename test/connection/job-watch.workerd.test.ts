import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { Watched } from "#connection/rpc";
import { CouchUpstream, neverAnswered } from "#test/support/couch-upstream";
import { ORGANIZATION, stopClock, TestConnection, valueOf } from "#test/support/connection";
import { runDurableObjectAlarm } from "cloudflare:test";

beforeEach(stopClock);
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

async function watch(connection: TestConnection, jobId: string, seen: Watched | null = null): Promise<Watched> {
  const position = { revision: seen?.progress.revision ?? null, logged: seen?.logged ?? null };
  return valueOf(await connection.stub.watch(ORGANIZATION, jobId, position));
}

/** Has it settled by the time that the object has answered another call? */
async function isPending(connection: TestConnection, promise: Promise<unknown>): Promise<boolean> {
  let isSettled = false;
  void promise.finally(() => (isSettled = true)).catch(() => undefined);
  for (let calls = 0; calls < 5; calls += 1) await connection.stub.storageUsage();
  return !isSettled;
}

/** A connection whose first slice is at work, its third request under way until it is let go. */
async function atWork() {
  const upstream = new CouchUpstream().install().fill(30);
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
  const arrived = { third: false };
  upstream.interfere = ({ number }) => {
    if (number !== 4) return undefined;
    arrived.third = true;
    return held.then(() => new Response("", { status: 429, headers: { "retry-after": "3600" } }));
  };
  const connection = await TestConnection.create();
  const job = valueOf(await connection.run());
  const pending = await watch(connection, job.id);
  vi.setSystemTime((await connection.alarmAt()) ?? 0);
  const alarm = runDurableObjectAlarm(connection.stub);
  while (!arrived.third) await connection.stub.storageUsage();
  return { connection, job, pending, alarm, letGo };
}

test("a watcher is answered at once with what it has not seen, then when the slice has news, then at once again", async () => {
  const { connection, job, pending, alarm, letGo } = await atWork();
  expect(pending).toMatchObject({ isHeld: false, progress: { job: { status: "PENDING" }, streams: [] } });

  const working = await watch(connection, job.id, pending);
  expect(working).toMatchObject({
    isHeld: true,
    progress: { job: { status: "RUNNING" }, streams: [{ work: "reading" }] },
  });
  expect(working.entries.map(({ type }) => type)).toEqual(["started", "planned"]);

  const next = watch(connection, job.id, working);
  expect(await isPending(connection, next)).toBe(true);
  letGo();
  await alarm;
  const waiting = await next;
  expect(waiting.progress.revision).not.toBe(working.progress.revision);

  const still = await watch(connection, job.id, waiting);
  expect(still).toMatchObject({
    isHeld: false,
    progress: { job: { waiting: { until: expect.any(Number) } }, streams: [{ work: "waiting" }] },
  });
  expect([...waiting.entries, ...still.entries].map(({ type }) => type)).toEqual(["rate_limited"]);
  const again = await watch(connection, job.id, still);
  expect(again).toMatchObject({ isHeld: false, entries: [] });
  expect(again.progress.revision).toBe(still.progress.revision);
});

test("each page that is committed is news, though the slice goes on", async () => {
  const upstream = new CouchUpstream().install().fill(30);
  const { promise: fourthMayCome, resolve: letFourth } = Promise.withResolvers<void>();
  const { promise: fifthMayCome, resolve: letFifth } = Promise.withResolvers<void>();
  upstream.interfere = ({ number }) => {
    if (number < 4) return undefined;
    return (number === 4 ? fourthMayCome : fifthMayCome).then(() => undefined);
  };
  const connection = await TestConnection.create();
  const job = valueOf(await connection.run());
  vi.setSystemTime((await connection.alarmAt()) ?? 0);
  const alarm = runDurableObjectAlarm(connection.stub);
  while (upstream.calls < 4) await connection.stub.storageUsage();
  const before = await watch(connection, job.id);
  expect(before.isHeld).toBe(true);
  const held = watch(connection, job.id, before);
  letFourth();
  const { progress, isHeld } = await held;
  expect(progress.job.counts.inserted).toBeGreaterThan(before.progress.job.counts.inserted);
  expect(isHeld).toBe(true);
  letFifth();
  await alarm;
});

test("watching writes nothing", async () => {
  const { connection, job, alarm, letGo } = await atWork();
  letGo();
  await alarm;
  const { rowsWritten } = await connection.stub.storageUsage();
  for (let calls = 0; calls < 10; calls += 1) await watch(connection, job.id);
  expect((await connection.stub.storageUsage()).rowsWritten).toBe(rowsWritten);
});

test("a cancel is news for those who are held, and a deleted connection is not there", async () => {
  const { connection, job, alarm } = await atWork();
  const held = watch(connection, job.id, await watch(connection, job.id));
  await connection.stub.cancel(ORGANIZATION, job.id);
  expect(["CANCELLING", "CANCELLED"]).toContain((await held).progress.job.status);
  await alarm;
  await connection.stub.erase(ORGANIZATION);
  const position = { revision: null, logged: null };
  expect(await connection.stub.watch(ORGANIZATION, job.id, position)).toMatchObject({ refusal: { code: "not_found" } });
});

test("who is held while the connection is deleted is told that it is gone", async () => {
  const { connection, job, alarm } = await atWork();
  const { progress, logged } = await watch(connection, job.id);
  const held = connection.stub.watch(ORGANIZATION, job.id, { revision: progress.revision, logged });
  expect(await isPending(connection, held)).toBe(true);
  await connection.stub.erase(ORGANIZATION);
  expect(await held).toMatchObject({ refusal: { code: "not_found" } });
  await alarm;
});

test("an object that dies keeps its watchers' place: the same revision, no entry twice", async () => {
  const upstream = new CouchUpstream().install().fill(30);
  upstream.interfere = ({ number }) => (number === 4 ? neverAnswered() : undefined);
  const connection = await TestConnection.create();
  const job = valueOf(await connection.run());
  await connection.dieInAlarm(() => upstream.calls >= 4);
  const after = await watch(connection, job.id);
  await connection.kill();
  const revived = await watch(connection, job.id, after);
  expect(revived.progress.revision).toBe(after.progress.revision);
  expect(revived.entries).toEqual([]);
  await connection.finish(job);
  const ended = await watch(connection, job.id, revived);
  expect(ended.entries.map(({ type }) => type)).toEqual(["resumed", "stream_finished", "completed"]);
});

test("more than two hundred at a time are answered at once: they come back by themselves", async () => {
  const { connection, job, alarm, letGo } = await atWork();
  const seen = await watch(connection, job.id);
  const held = Array.from({ length: 200 }, () => watch(connection, job.id, seen));
  await connection.stub.storageUsage();
  expect(await watch(connection, job.id, seen)).toMatchObject({ isHeld: false, entries: [] });
  letGo();
  await alarm;
  const revisions = new Set((await Promise.all(held)).map(({ progress }) => progress.revision));
  expect(revisions).not.toContain(seen.progress.revision);
});

test("another organization sees nothing", async () => {
  new CouchUpstream().install();
  const connection = await TestConnection.create();
  const { id } = await connection.sync();
  const position = { revision: null, logged: null };
  expect(await connection.stub.watch(crypto.randomUUID(), id, position)).toMatchObject({
    refusal: { code: "not_found", message: "SourceConnection not found" },
  });
});
