import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { openGate } from "#connection/gate";
import { watch } from "#triggers/watchdog";
import { CouchUpstream } from "#test/support/couch-upstream";
import { connectWithHook } from "#test/support/hook-object";
import { ORGANIZATION, stopClock, TestConnection, valueOf } from "#test/support/connection";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

beforeEach(async () => {
  stopClock();
  new CouchUpstream().install().fill(5);
  await env.DB.prepare("DELETE FROM sync_jobs").run();
  await env.DB.prepare("DELETE FROM source_connections").run();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const gate = (id: string) => openGate(env.SOURCE_CONNECTION, id, () => crypto.randomUUID());
const look = () => watch({ db: env.DB, gate, now: Date.now() });

const wakeInD1 = (id: string) =>
  env.DB.prepare("SELECT wake_at FROM source_connections WHERE id = ?").bind(id).first("wake_at");

/** A connection whose job has been accepted and whose alarm was lost. */
async function stuck(): Promise<TestConnection> {
  const connection = await TestConnection.create();
  valueOf(await connection.run());
  await connection.storage((storage) => storage.deleteAlarm());
  return connection;
}

test("a job whose alarm was lost is woken once it is overdue, and ends", async () => {
  const connection = await stuck();
  expect(await look()).toEqual({ poked: 0, failed: 0 });

  vi.setSystemTime(Date.now() + 3 * MINUTE_MS);
  expect(await look()).toEqual({ poked: 1, failed: 0 });
  const { lastJob } = await connection.describe();
  expect(await connection.finish({ id: lastJob?.id ?? "" })).toMatchObject({ status: "COMPLETED" });
  expect(await look()).toEqual({ poked: 0, failed: 0 });
});

test("jobs that wait for their time, or have ended, are left alone", async () => {
  const upstream = new CouchUpstream().install().fill(5);
  const connection = await TestConnection.create();
  await connection.sync();
  upstream.interfere = () => new Response("{}", { status: 503, headers: { "retry-after": "36000" } });
  valueOf(await connection.run());
  await connection.nextAlarm();
  // Comes back when D1 has heard of everything.
  valueOf(await connection.stub.republish(ORGANIZATION));
  vi.setSystemTime(Date.now() + 10 * MINUTE_MS);

  expect(await look()).toEqual({ poked: 0, failed: 0 });
});

test("one object that can't be woken stops none of the others", async () => {
  const connections = [await stuck(), await stuck(), await stuck()];
  vi.setSystemTime(Date.now() + 3 * MINUTE_MS);
  const broken = connections[0]?.id;
  const report = await watch({
    db: env.DB,
    now: Date.now(),
    gate: (id) => (id === broken ? { ...gate(id), poke: () => Promise.reject(new Error("overloaded")) } : gate(id)),
  });

  expect(report).toEqual({ poked: 3, failed: 1 });
  expect(await connections[1]?.alarmAt()).not.toBeNull();
  expect(await connections[2]?.alarmAt()).not.toBeNull();
});

test("objects that never answer keep cron waiting for some seconds, and none of the others", async () => {
  const connections = [await stuck(), await stuck(), await stuck(), await stuck(), await stuck()];
  vi.setSystemTime(Date.now() + 3 * MINUTE_MS);
  const hanging = new Set(connections.slice(0, 4).map(({ id }) => id));
  vi.useFakeTimers({ now: Date.now(), toFake: ["Date", "setTimeout", "clearTimeout"] });
  const watching = watch({
    db: env.DB,
    now: Date.now(),
    gate: (id) => (hanging.has(id) ? { ...gate(id), poke: () => new Promise(() => {}) } : gate(id)),
  });
  await vi.waitFor(() => expect(vi.getTimerCount()).toBe(4));
  await vi.advanceTimersByTimeAsync(10_000);

  expect(await watching).toEqual({ poked: 5, failed: 4 });
  expect(await connections[4]?.alarmAt()).not.toBeNull();
});

test("what D1 says of connections that do not exist is removed, so that it keeps nobody else waiting", async () => {
  await env.DB.prepare(
    `INSERT INTO sync_jobs (id, version, organization_id, source_connection_id, status, trigger, sync_mode, created_at,
       entities_inserted, entities_updated, entities_deleted, entities_kept, entities_failed, wake_at)
     VALUES ('gone', 1, ?1, 'gone', 'RUNNING', 'manual', 'full', 0, 0, 0, 0, 0, 0, 1)`,
  )
    .bind(ORGANIZATION)
    .run();

  expect(await look()).toEqual({ poked: 1, failed: 0 });
  expect(await look()).toEqual({ poked: 0, failed: 0 });
});

test("a job that ended without D1 hearing of it is told again", async () => {
  const connection = await TestConnection.create();
  const { id } = await connection.sync();
  await env.DB.prepare("UPDATE sync_jobs SET status = 'RUNNING', wake_at = 1, version = 1 WHERE id = ?").bind(id).run();

  expect(await look()).toEqual({ poked: 1, failed: 0 });
  const row = await env.DB.prepare("SELECT status, wake_at FROM sync_jobs WHERE id = ?").bind(id).first();
  expect(row).toEqual({ status: "COMPLETED", wake_at: null });
});

test("of a job that the object does not keep any more it is called once, and has nothing to tell D1", async () => {
  const connection = await TestConnection.create();
  const { id } = await connection.sync();
  const versionInD1 = () => env.DB.prepare("SELECT version FROM sync_jobs WHERE id = ?").bind(id).first("version");
  const before = await versionInD1();
  await env.DB.prepare(
    `INSERT INTO sync_jobs (id, version, organization_id, source_connection_id, status, trigger, sync_mode, created_at,
       entities_inserted, entities_updated, entities_deleted, entities_kept, entities_failed, wake_at)
     VALUES ('pruned', 1, ?1, ?2, 'RUNNING', 'manual', 'full', 0, 0, 0, 0, 0, 0, 1)`,
  )
    .bind(ORGANIZATION, connection.id)
    .run();

  expect(await look()).toEqual({ poked: 1, failed: 0 });
  expect(await look()).toEqual({ poked: 0, failed: 0 });
  expect(await versionInD1()).toBe(before);
});

/** Connections whose jobs are overdue by D1's account, the first of them the longest. */
async function overdueInD1(count: number): Promise<string[]> {
  const insert = env.DB.prepare(
    `INSERT INTO sync_jobs (id, version, organization_id, source_connection_id, status, trigger, sync_mode, created_at,
       entities_inserted, entities_updated, entities_deleted, entities_kept, entities_failed, wake_at)
     VALUES (?1, 1, ?2, ?1, 'RUNNING', 'manual', 'full', 0, 0, 0, 0, 0, 0, ?3)`,
  );
  const ids = Array.from({ length: count }, (_, index) => `c${index}`);
  await env.DB.batch(ids.map((id, index) => insert.bind(id, ORGANIZATION, index)));
  return ids;
}

test("no more are woken at once than an invocation may call, the longest overdue first", async () => {
  const ids = await overdueInD1(60);
  const poked: string[] = [];
  const report = await watch({
    db: env.DB,
    now: Date.now(),
    gate: (id) => ({ ...gate(id), poke: async () => (poked.push(id) > 0 ? [] : null) }),
  });

  expect(report.poked).toBe(40);
  expect(poked).toEqual(ids.slice(0, 40));
});

test("as many that fail as may be called keep the others waiting for a minute, not for ever", async () => {
  const ids = await overdueInD1(42);
  const waking = await TestConnection.create();
  await env.DB.prepare("UPDATE source_connections SET wake_at = 100 WHERE id = ?").bind(waking.id).run();
  const poked: string[] = [];
  const lookAt = (now: number) =>
    watch({
      db: env.DB,
      now,
      gate: (id) => ({ ...gate(id), poke: () => Promise.reject(new Error(`overloaded ${poked.push(id)}`)) }),
    });
  expect(await lookAt(Date.now())).toEqual({ poked: 40, failed: 40 });
  expect(poked.toSorted()).toEqual([...ids.slice(0, 39), waking.id].toSorted());
  poked.length = 0;
  await lookAt(Date.now() + MINUTE_MS);
  expect(poked.slice(0, 3)).toEqual(ids.slice(39));
});

describe("a run that deliveries wait for", () => {
  test("starts though its alarm was lost", async () => {
    const connection = await connectWithHook({ debounceSeconds: 30 });
    await connection.send();
    await expect.poll(() => wakeInD1(connection.id)).toBe(Date.now() + 30_000);
    await runInDurableObject(connection.object, (_object, { storage }) => storage.deleteAlarm());
    vi.setSystemTime(Date.now() + 2 * MINUTE_MS);
    expect(await look()).toEqual({ poked: 0, failed: 0 });
    vi.setSystemTime(Date.now() + MINUTE_MS);
    expect(await look()).toEqual({ poked: 1, failed: 0 });
    await runDurableObjectAlarm(connection.object);
    await connection.finish();
    expect(await connection.jobs()).toMatchObject([{ trigger: "webhook", status: "COMPLETED" }]);
    expect(await look()).toEqual({ poked: 0, failed: 0 });
  });

  test("by D1's account only is called once: the object tells D1 better", async () => {
    const connection = await TestConnection.create();
    await env.DB.prepare("UPDATE source_connections SET wake_at = 1 WHERE id = ?").bind(connection.id).run();
    expect(await look()).toEqual({ poked: 1, failed: 0 });
    await expect.poll(() => wakeInD1(connection.id)).toBeNull();
  });

  test("of a connection that does not exist is called once", async () => {
    await env.DB.prepare(
      `INSERT INTO source_connections (id, version, organization_id, collection_id, name, short_name, status,
         entity_count, created_at, modified_at, wake_at) VALUES ('nobody', 1, ?1, 'c', 'n', 's', 'active', 0, 0, 0, 1)`,
    )
      .bind(ORGANIZATION)
      .run();
    expect(await look()).toEqual({ poked: 1, failed: 0 });
    expect(await look()).toEqual({ poked: 0, failed: 0 });
  });
});

test("that a connection was deleted is remembered for a day", async () => {
  const connection = await TestConnection.create();
  valueOf(await connection.stub.erase(ORGANIZATION));
  const row = () => env.DB.prepare("SELECT id FROM source_connections WHERE id = ?").bind(connection.id).first();
  await look();
  expect(await row()).not.toBeNull();

  vi.setSystemTime(Date.now() + DAY_MS + 1);
  await look();
  expect(await row()).toBeNull();
});

test("a connection that was deleted and lost its alarm is emptied all the same, and then left alone", async () => {
  const connection = await TestConnection.create();
  await connection.sync();
  valueOf(await connection.stub.erase(ORGANIZATION));
  await connection.storage((storage) => storage.deleteAlarm());
  vi.setSystemTime(Date.now() + 3 * MINUTE_MS);
  expect(await look()).toEqual({ poked: 1, failed: 0 });
  await connection.settle();
  expect(await connection.rows("SELECT name FROM sqlite_master WHERE type = 'table'")).toEqual([]);

  vi.setSystemTime(Date.now() + 3 * MINUTE_MS);
  expect(await look()).toEqual({ poked: 1, failed: 0 });
  expect(await wakeInD1(connection.id)).toBeNull();
  expect(await look()).toEqual({ poked: 0, failed: 0 });
});
