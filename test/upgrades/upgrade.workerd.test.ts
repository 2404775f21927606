import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { migrate } from "#connection/schema";
import { applyMigrations } from "#storage/migrations";
import { MIGRATIONS as EVENT_MIGRATIONS } from "#events/schema";
import { CouchUpstream } from "#test/support/couch-upstream";
import { watch } from "#triggers/watchdog";
import { follow, ORGANIZATION, stopClock, valueOf, withSql } from "#test/support/connection";
import { deliverAll } from "./deliver-all.ts";
import { deployOver, type Change } from "./deploy-over.ts";
import type { Fixture } from "./fixture-text.ts";
import { dropTables, FIXTURES, migrateD1 } from "./fixture.ts";
import { laterRow } from "./later-row.ts";
import { plain, tablesIn } from "./tables.ts";

const NEWEST = FIXTURES.at(-1);

beforeEach(() => stopClock());
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});
// Without the table of what has been applied, these would be in the way of the migrations of the file that comes next.
afterAll(() => dropTables());

/** The upstream as the fixtures' scenario left it. */
function upstreamOfFixtures(): CouchUpstream {
  const upstream = new CouchUpstream().install();
  for (let index = 0; index < 25; index += 1) upstream.put(`d${index}`, { index });
  upstream.put("d1", { index: 1, changed: true });
  upstream.remove("d2");
  upstream.put("new", { index: 100 });
  for (let index = 0; index < 15; index += 1) upstream.put(`e${index}`, { index: 200 + index });
  return upstream;
}

/** What the consumer has who stopped following after the first job. */
function copyAfterFirstJob(): Map<string, unknown> {
  const ids = Array.from({ length: 25 }, (_, index) => index);
  return new Map(ids.map((index) => [`d${index}`, { _id: `d${index}`, _rev: `1-${index + 1}`, index }]));
}

/** Everything that a storage of any release has to be good for. */
async function isGoodAsNew(fixture: Fixture, changed?: Change): Promise<void> {
  const upstream = upstreamOfFixtures();
  const { connection, events } = await deployOver(fixture, changed);
  expect(await connection.describe()).toMatchObject({ name: "Fixture", description: "as it was", status: "syncing" });
  expect(await connection.job(fixture.jobId)).toMatchObject({ status: "RUNNING" });
  expect(await connection.copy()).toHaveProperty("size", 35);

  // The page that was committed is not read again, and the run that was queued comes after.
  const job = await connection.finish({ id: fixture.jobId });
  expect(job).toMatchObject({ status: "COMPLETED", counts: { inserted: 15, updated: 0, deleted: 0, kept: 0 } });
  const { lastJob } = await connection.describe();
  expect(await connection.finish({ id: lastJob?.id ?? "" })).toMatchObject({ status: "COMPLETED" });
  expect(lastJob?.id).not.toBe(fixture.jobId);
  expect(valueOf(await connection.run({ idempotencyKey: "fixture-key" })).id).toBe(fixture.jobId);

  const documents = upstream.documents();
  expect(await connection.copy()).toEqual(documents);
  const { changes } = await connection.changes(fixture.cursor);
  expect(follow(changes, copyAfterFirstJob())).toEqual(documents);
  expect(follow((await connection.changes()).changes)).toEqual(documents);

  upstream.put("after", { index: 300 });
  expect(await connection.sync()).toMatchObject({ mode: "incremental", counts: { inserted: 1, updated: 0 } });
  expect(await connection.sync({ forceFullSync: true })).toMatchObject({ counts: { inserted: 0, kept: 41 } });
  await connection.settle();
  const { results } = await env.DB.prepare("SELECT status FROM sync_jobs WHERE source_connection_id = ? ORDER BY id")
    .bind(fixture.connectionId)
    .all();
  expect(results.map(({ status }) => status)).toEqual([
    "COMPLETED",
    "COMPLETED",
    "CANCELLED",
    ...Array.from({ length: 4 }, () => "COMPLETED"),
  ]);
  expect(await connection.rows("SELECT key FROM outbox")).toEqual([]);
  if (fixture.statements.events.length === 0) return;
  expect(valueOf(await connection.stub.hook(ORGANIZATION))).toMatchObject({ settings: { debounceSeconds: 10 } });
  await deliverAll(events);
  expect(await events.subscriptions()).toMatchObject([{ url: "http://receiver.test/hook", disabled: false }]);
}

describe.each(FIXTURES)("what release $release has stored", (fixture) => {
  test("opens under this one: jobs go on, feeds are followed, syncs find what changed", async () => {
    await expect(isGoodAsNew(fixture)).resolves.toBeUndefined();
  });

  test("becomes the very tables that a new installation has", async () => {
    const { connection } = await deployOver(fixture);
    await connection.describe();
    const fresh = await withSql((sql, storage) => {
      migrate(sql);
      return tablesIn(storage);
    });
    expect(await connection.storage(tablesIn)).toEqual(fresh);

    const upgraded = await tablesOfD1();
    await dropTables();
    await migrateD1(0);
    expect(upgraded).toEqual(await tablesOfD1());
  });
});

const WITH_EVENTS = FIXTURES.filter(({ statements }) => statements.events.length > 0);

test.each(WITH_EVENTS)("deliveries of release $release get the tables that new ones have", async (fixture) => {
  const { events } = await deployOver(fixture);
  await events.publish(ORGANIZATION, []);
  const fresh = await withSql((sql, storage) => {
    applyMigrations(sql, EVENT_MIGRATIONS);
    return tablesIn(storage);
  });
  expect(await runInDurableObject(events, (_object: unknown, { storage }) => tablesIn(storage))).toEqual(fresh);
});

test("a connection that was paused before lists knew of it is listed so once the watchdog has been by", async () => {
  const before = FIXTURES.filter(({ release, migrations }) => migrations < 8 && release >= "4-").at(-1);
  if (before === undefined) throw new Error("There is no fixture with pauses that D1 did not know of.");
  const d1 = [...before.statements.d1, "UPDATE source_connections SET next_run_at = NULL"];
  const paused = { ...before, statements: { ...before.statements, d1 } };
  const { connection } = await deployOver(paused, (statement) =>
    statement.replace('"isPaused":false', '"isPaused":true'),
  );
  expect(await isPausedInD1()).toBe(0);

  await watch({ db: env.DB, gate: () => connection.stub, now: Date.now() + 180_000 });
  expect(await isPausedInD1()).toBe(1);
});

function isPausedInD1(): Promise<unknown> {
  return env.DB.prepare("SELECT is_paused FROM source_connections").first("is_paused");
}

function versionOf(statements: readonly string[] = []): number {
  return statements.filter((statement) => statement.startsWith("INSERT INTO migrations ")).length;
}

test("there is a fixture of the newest version of each schema", async () => {
  const current = await withSql((sql) => {
    migrate(sql);
    return sql.all("SELECT number FROM migrations").length;
  });

  // To make one: npm run fixture -- NAME
  expect(versionOf(NEWEST?.statements.connection)).toBe(current);
  expect(versionOf(NEWEST?.statements.events)).toBe(EVENT_MIGRATIONS.length);
  expect(NEWEST?.migrations).toBe(env.TEST_MIGRATIONS.length);
});

test.each(FIXTURES)("what release $release has stored opens after going back from a later one too", async (fixture) => {
  await expect(isGoodAsNew(fixture, laterRow)).resolves.toBeUndefined();
});

async function tablesOfD1(): Promise<Record<string, string>> {
  const { results } = await env.DB.prepare(
    "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE '\\_cf%' ESCAPE '\\' ORDER BY name",
  ).all<{ name: string; sql: string }>();
  return Object.fromEntries(results.map(({ name, sql }) => [name, plain(sql)]));
}
