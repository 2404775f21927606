import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { CouchUpstream } from "#test/support/couch-upstream";
import { ORGANIZATION, stopClock, TestConnection, valueOf } from "#test/support/connection";

beforeEach(() => {
  stopClock();
  new CouchUpstream().install().fill(15);
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  await repairD1();
});

/** D1 answers every write of a job with an error. */
async function breakD1(): Promise<void> {
  await env.DB.prepare("ALTER TABLE sync_jobs RENAME TO sync_jobs_away").run();
}

async function repairD1(): Promise<void> {
  const away = await env.DB.prepare("SELECT 1 FROM sqlite_master WHERE name = 'sync_jobs_away'").first();
  if (away !== null) await env.DB.prepare("ALTER TABLE sync_jobs_away RENAME TO sync_jobs").run();
}

async function jobsInD1({ id }: TestConnection) {
  const { results } = await env.DB.prepare("SELECT * FROM sync_jobs WHERE source_connection_id = ? ORDER BY id")
    .bind(id)
    .all();
  return results;
}

async function waiting(connection: TestConnection): Promise<number> {
  return (await connection.rows("SELECT key FROM outbox")).length;
}

test("whoever lists jobs right after a run finds the job in D1", async () => {
  const connection = await TestConnection.create();
  const job = valueOf(await connection.run());

  expect(await jobsInD1(connection)).toMatchObject([{ id: job.id, status: "PENDING", wake_at: job.wakeAt }]);
});

test("when a job has ended D1 knows its end, its counts and the connection's, and nothing is left to deliver", async () => {
  const connection = await TestConnection.create();
  const job = await connection.sync();
  await connection.settle();

  expect(await jobsInD1(connection)).toMatchObject([
    { id: job.id, status: "COMPLETED", entities_inserted: 15, completed_at: job.completedAt, wake_at: null },
  ]);
  const row = await env.DB.prepare("SELECT status, entity_count FROM source_connections WHERE id = ?")
    .bind(connection.id)
    .first();
  expect(row).toEqual({ status: "active", entity_count: 15 });
  expect(await waiting(connection)).toBe(0);
});

test("a sync does not wait for D1 to be healthy, and D1 hears of it once it is", async () => {
  const connection = await TestConnection.create();
  await breakD1();
  const job = valueOf(await connection.run());
  expect(await connection.finish(job)).toMatchObject({ status: "COMPLETED", counts: { inserted: 15 } });
  expect(await waiting(connection)).toBeGreaterThan(0);

  // Two more failures, then health; the object comes back by itself.
  await connection.nextAlarm();
  await connection.nextAlarm();
  await repairD1();
  await connection.settle();
  expect(await jobsInD1(connection)).toMatchObject([{ id: job.id, status: "COMPLETED" }]);
  expect(await waiting(connection)).toBe(0);
});

test("what was waiting for D1 survives an eviction", async () => {
  const connection = await TestConnection.create();
  await breakD1();
  const job = await connection.sync();
  await evictDurableObject(connection.stub);
  await repairD1();
  await connection.settle();

  expect(await jobsInD1(connection)).toMatchObject([{ id: job.id, status: "COMPLETED" }]);
});

test("deliveries that fail come back later and later, a minute apart at most", async () => {
  const connection = await TestConnection.create();
  await breakD1();
  await connection.sync();
  const pauses: number[] = [];
  for (let tries = 0; tries < 12; tries += 1) {
    const before = Date.now();
    await connection.nextAlarm();
    pauses.push(Date.now() - before);
  }

  expect(Math.max(...pauses)).toBeLessThanOrEqual(60_000);
  expect(Math.min(...pauses)).toBeGreaterThan(0);
  expect(pauses.slice(4).reduce((sum, pause) => sum + pause, 0)).toBeGreaterThan(20_000);
});

test("an outage of D1 that is over is forgotten: the next is tried again as soon as the first was", async () => {
  const connection = await TestConnection.create();
  const attempts = async () =>
    (await connection.rows("SELECT value FROM documents WHERE key = 'outbox'"))[0]?.["value"];
  await breakD1();
  await connection.sync();
  for (let tries = 0; tries < 3; tries += 1) await connection.nextAlarm();
  expect(await attempts()).toMatch(/"attempts":[4-9]/);
  await repairD1();
  await connection.settle();
  await breakD1();
  valueOf(await connection.run());

  expect(await attempts()).toContain('"attempts":1,');
});

test("a connection that is erased while D1 is away, and loses its alarm, tells D1 when cron comes by", async () => {
  const connection = await TestConnection.create();
  await connection.settle();
  await breakD1();
  valueOf(await connection.stub.erase(ORGANIZATION));
  await connection.kill();
  await connection.storage((storage) => storage.deleteAlarm());
  await repairD1();
  expect(await connection.stub.describe(ORGANIZATION)).toMatchObject({ ok: false });
  await connection.settle();

  const row = await env.DB.prepare("SELECT deleted_at, next_run_at FROM source_connections WHERE id = ?")
    .bind(connection.id)
    .first();
  expect(row).toEqual({ deleted_at: expect.any(Number), next_run_at: null });
  expect(await connection.rows("SELECT name FROM sqlite_master WHERE name = 'documents'")).toEqual([]);
});

test("a connection that is erased while D1 is away is deleted there later, and its jobs stay out", async () => {
  const connection = await TestConnection.create();
  await connection.sync();
  await connection.settle();
  await breakD1();
  valueOf(await connection.run());
  valueOf(await connection.stub.erase(ORGANIZATION));
  expect(await connection.stub.describe(ORGANIZATION)).toMatchObject({ ok: false });
  await repairD1();
  await connection.settle();

  expect(await jobsInD1(connection)).toEqual([]);
  const row = await env.DB.prepare("SELECT deleted_at FROM source_connections WHERE id = ?")
    .bind(connection.id)
    .first();
  expect(row).toMatchObject({ deleted_at: expect.any(Number) });
  expect(await connection.rows("SELECT name FROM sqlite_master WHERE name = 'documents'")).toEqual([]);
});

test("one that was erased while D1 was away, and lost its alarm, is deleted there once somebody calls it", async () => {
  const connection = await TestConnection.create();
  await connection.sync();
  await connection.settle();
  await breakD1();
  valueOf(await connection.stub.erase(ORGANIZATION));
  await repairD1();
  await evictDurableObject(connection.stub);
  await connection.storage((storage) => storage.deleteAlarm());
  expect(await connection.stub.describe(ORGANIZATION)).toMatchObject({ ok: false });
  await connection.settle();

  expect(await connection.rows("SELECT name FROM sqlite_master WHERE name = 'documents'")).toEqual([]);
});
