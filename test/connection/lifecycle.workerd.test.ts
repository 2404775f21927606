import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { z } from "zod";

import { readConfig } from "#config";
import { ConnectionStore } from "#connection/connection-store";
import { SourceConnection } from "#connection/object";
import { Documents } from "#storage/documents";
import { Sql } from "#storage/sql";
import { CouchUpstream, neverAnswered } from "#test/support/couch-upstream";
import { A_RUN, aCreate, ORGANIZATION, stopClock, TestConnection, valueOf } from "#test/support/connection";
import { heldSealing } from "#test/support/held-sealing";

const TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'";

beforeEach(() => {
  stopClock();
  new CouchUpstream().install().fill(15);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const NOT_FOUND = { code: "not_found", message: "SourceConnection not found" };

/** Every call that a connection's owner can make. */
const CALLS = {
  describe: (stub: TestConnection["stub"], owner: string) => stub.describe(owner),
  update: (stub: TestConnection["stub"], owner: string) => stub.update(owner, { name: "Mine now" }),
  erase: (stub: TestConnection["stub"], owner: string) => stub.erase(owner),
  run: (stub: TestConnection["stub"], owner: string) => stub.run(owner, A_RUN),
  jobs: (stub: TestConnection["stub"], owner: string) => stub.jobs(owner, { limit: 10, cursor: null }),
  job: (stub: TestConnection["stub"], owner: string) => stub.job(owner, crypto.randomUUID()),
  cancel: (stub: TestConnection["stub"], owner: string) => stub.cancel(owner, crypto.randomUUID()),
  entities: (stub: TestConnection["stub"], owner: string) =>
    stub.entities(owner, { stream: null, limit: 10, cursor: null }),
  entity: (stub: TestConnection["stub"], owner: string) => stub.entity(owner, "db", "d1"),
  changes: (stub: TestConnection["stub"], owner: string) => stub.changes(owner, { since: null, limit: 10 }),
  republish: (stub: TestConnection["stub"], owner: string) => stub.republish(owner),
};

test.each(Object.entries(CALLS))(
  "%s of another organization's connection finds nothing and changes nothing",
  async (_name, call) => {
    const connection = await TestConnection.create();
    const before = await connection.describe();
    const reply = await call(connection.stub, crypto.randomUUID());

    expect(reply).toMatchObject({ ok: false, refusal: NOT_FOUND });
    expect(await connection.describe()).toEqual(before);
  },
);

test.each(Object.entries(CALLS))(
  "%s of an id that somebody guessed finds nothing and creates no tables",
  async (_name, call) => {
    const guessed = new TestConnection(crypto.randomUUID());

    expect(await call(guessed.stub, ORGANIZATION)).toMatchObject({ ok: false, refusal: { code: "not_found" } });
    await guessed.stub.poke("job", []);
    expect(await guessed.rows(TABLES)).toEqual([]);
    expect(await guessed.alarmAt()).toBeNull();
  },
);

test("a create that the source refuses leaves nothing", async () => {
  const upstream = new CouchUpstream().install();
  upstream.interfere = () => new Response("{}", { status: 401 });
  const input = aCreate();
  const reply = await new TestConnection(input.id).stub.create(input);

  expect(reply).toMatchObject({ ok: false, refusal: { code: "source_refused" } });
  expect(await new TestConnection(input.id).rows(TABLES)).toEqual([]);
});

test("a create that is called twice at once, as a retry of the platform's may, makes one connection and one job", async () => {
  const input = aCreate({ syncImmediately: true });
  const connection = new TestConnection(input.id);
  const [first, second] = await Promise.all([connection.stub.create(input), connection.stub.create(input)]);

  expect(valueOf(first).lastJob?.id).toBe(valueOf(second).lastJob?.id);
  expect((await connection.describe()).runs.total).toBe(1);
  const { next } = await connection.changes();
  await evictDurableObject(connection.stub);
  expect((await connection.changes(next)).changes).toEqual([]);
});

test("a create that was overtaken by its retry finds the connection as it is by now, and leaves it", async () => {
  const upstream = new CouchUpstream().install();
  const input = aCreate();
  const connection = new TestConnection(input.id);
  const { promise: released, resolve } = Promise.withResolvers<void>();
  upstream.interfere = ({ number }) =>
    number === 1 ? released.then(() => Response.json({ db_name: "db", instance_start_time: "1" })) : undefined;
  const slow = connection.stub.create(input);
  while (upstream.calls === 0) await connection.stub.storageUsage();
  valueOf(await connection.stub.create(input));
  valueOf(await connection.stub.update(ORGANIZATION, { name: "Renamed" }));
  resolve();

  expect(valueOf(await slow).name).toBe("Renamed");
  expect((await connection.describe()).name).toBe("Renamed");
});

test("credentials are nowhere in storage as they are, and change with the connection", async () => {
  const connection = await TestConnection.create();
  await connection.sync();
  const dump = async () =>
    JSON.stringify(
      await Promise.all(
        ["documents", "jobs", "streams", "outbox"].map((table) => connection.rows(`SELECT * FROM ${table}`)),
      ),
    );

  const before = await dump();
  expect(before).not.toContain("correct horse");
  expect(before).not.toContain(btoa("correct horse battery").slice(0, 12));
  valueOf(await connection.stub.update(ORGANIZATION, { credentials: { username: "reader", password: "staple" } }));
  expect(await dump()).not.toContain("staple");
  expect(JSON.stringify(await connection.describe())).not.toMatch(/correct horse|staple|ciphertext/);
});

test("a slice that is at work when credentials are replaced goes on with the new ones, as the old may be taken back", async () => {
  const upstream = new CouchUpstream().install().fill(15);
  const connection = await TestConnection.create();
  const { id } = valueOf(await connection.run());
  const before = upstream.calls;
  let old: string | null = null;
  upstream.interfere = ({ authorization }) => {
    old ??= authorization;
    return authorization === old ? neverAnswered() : undefined;
  };
  vi.setSystemTime((await connection.alarmAt()) ?? 0);
  const alarm = runDurableObjectAlarm(connection.stub);
  while (upstream.calls === before) await connection.stub.storageUsage();
  valueOf(await connection.stub.update(ORGANIZATION, { credentials: { username: "reader", password: "staple" } }));
  upstream.interfere = ({ authorization }) => (authorization === old ? new Response("{}", { status: 401 }) : undefined);
  await alarm;

  expect(await connection.job(id)).toMatchObject({ status: "RUNNING", isAtWork: false, strikes: 0 });
  expect(await connection.finish({ id })).toMatchObject({ status: "COMPLETED", counts: { inserted: 15 } });
});

test("credentials that were sealed for another connection do not open here", async () => {
  const [one, other] = await Promise.all([TestConnection.create(), TestConnection.create()]);
  const documentSchema = z.looseObject({ credentials: z.unknown() });
  const read = async (from: TestConnection) => {
    const [row] = await from.rows("SELECT value FROM documents WHERE key = 'connection'");
    return documentSchema.parse(JSON.parse(z.string().parse(row?.["value"])));
  };
  const stolen = { ...(await read(other)), credentials: (await read(one)).credentials };
  await other.rows("UPDATE documents SET value = ? WHERE key = 'connection'", JSON.stringify(stolen));
  await evictDurableObject(other.stub);

  const job = await other.sync();
  expect(job).toMatchObject({ status: "FAILED", errorCategory: "internal" });
  expect(job.error).toContain("do not open");
});

test("an update of a connection whose key is gone says what to do, and new credentials mend it", async () => {
  const connection = await TestConnection.create();
  const [row] = await connection.rows("SELECT value FROM documents WHERE key = 'connection'");
  const sealed = z.string().parse(row?.["value"]).replace('"keyId":"k1"', '"keyId":"lost"');
  await connection.rows("UPDATE documents SET value = ? WHERE key = 'connection'", sealed);
  await evictDurableObject(connection.stub);
  const config = { url: CouchUpstream.url, databases: ["db"] };

  expect(await connection.stub.update(ORGANIZATION, { config })).toMatchObject({
    ok: false,
    refusal: { code: "source_refused", message: expect.stringContaining('"lost"') },
  });
  valueOf(await connection.stub.update(ORGANIZATION, { credentials: { username: "reader", password: "new" } }));
  expect(await connection.sync()).toMatchObject({ status: "COMPLETED", counts: { inserted: 15 } });
});

test("an update changes what it names and nothing else, and tells D1", async () => {
  const connection = await TestConnection.create({ settings: { job_deadline_seconds: 60 } });
  const before = await connection.describe();
  vi.setSystemTime(Date.now() + 5_000);
  const after = valueOf(await connection.stub.update(ORGANIZATION, { name: "Renamed", description: "Ours" }));

  expect(after).toEqual({ ...before, name: "Renamed", description: "Ours", modifiedAt: Date.now() });
  expect(await rowInD1(connection)).toMatchObject({ name: "Renamed" });
});

test("an update that another overtakes, while the source is being asked, leaves what the other changed", async () => {
  const upstream = new CouchUpstream().install();
  const connection = await TestConnection.create();
  const asked = upstream.calls;
  const { promise: released, resolve } = Promise.withResolvers<void>();
  upstream.interfere = () => released.then(() => undefined);
  const slow = connection.stub.update(ORGANIZATION, { credentials: { username: "reader", password: "staple" } });
  while (upstream.calls === asked) await connection.stub.storageUsage();
  upstream.interfere = () => undefined;
  const config = { url: CouchUpstream.url, databases: ["db", "more"], page_size: 10 };
  valueOf(await connection.stub.update(ORGANIZATION, { config }));
  resolve();

  expect(valueOf(await slow).config).toEqual(config);
});

test("credentials that are replaced while the old ones are sealed with a new key stay replaced", async () => {
  const connection = await TestConnection.create();
  const { wakeAt } = valueOf(await connection.run());
  vi.setSystemTime(wakeAt ?? 0);
  await runInDurableObject(connection.stub, async (_object, state) => {
    const old = readConfig(env).SLUICE_ENCRYPTION_KEYS.map(({ id, secret }) => `${id}:${secret}`);
    const rotated = { ...env, SLUICE_ENCRYPTION_KEYS: [`k2:${btoa("1".repeat(32))}`, ...old].join(",") };
    const object = new SourceConnection(state, rotated);
    const stored = () => new ConnectionStore(new Sql(state.storage), new Documents(new Sql(state.storage))).read();
    const sealing = heldSealing();
    const alarm = object.alarm();
    await sealing.begun;
    const credentials = { username: "reader", password: "staple" };
    valueOf(await object.update(ORGANIZATION, { credentials }));
    const replaced = stored().credentials;
    sealing.letGo();
    await alarm;

    expect(stored().credentials).toEqual(replaced);
  });
});

test("after a sync with a new key nothing of a connection needs the old one, its webhook included", async () => {
  const connection = await TestConnection.create();
  const tokenHash = "0".repeat(64);
  const verification = { scheme: "none" as const };
  const settings = { verification, condition: null, debounceSeconds: 0, deliveryIdHeader: null };
  valueOf(await connection.stub.createHook(ORGANIZATION, { tokenHash, settings, secrets: ["s"] }));
  const { wakeAt } = valueOf(await connection.run());
  vi.setSystemTime(wakeAt ?? 0);
  await runInDurableObject(connection.stub, async (_object, state) => {
    const old = readConfig(env).SLUICE_ENCRYPTION_KEYS.map(({ id, secret }) => `${id}:${secret}`);
    const newest = `k2:${btoa("1".repeat(32))}`;
    const withKeys = (keys: readonly string[]) => {
      const rotated = { ...env, SLUICE_ENCRYPTION_KEYS: keys.join(",") };
      return new SourceConnection(state, rotated);
    };
    await withKeys([newest, ...old]).alarm();
    const without = withKeys([newest]);

    expect(await without.receiveHook({ tokenHash, headers: {}, body: new Uint8Array() })).toMatchObject({ ok: true });
    const config = { url: CouchUpstream.url, databases: ["db"], page_size: 9 };
    expect(await without.update(ORGANIZATION, { config })).toMatchObject({ ok: true });
  });
});

test("after a death a slice does what needs the least memory: one stream after the other", async () => {
  const upstream = new CouchUpstream().install().fill(15);
  const config = { url: CouchUpstream.url, databases: ["a", "b"], page_size: 10 };
  const connection = await TestConnection.create({ config });
  const asked: string[] = [];
  let isDying = true;
  upstream.interfere = ({ view, url }) => {
    if (view === "changes") asked.push(url.pathname.slice(1, 2));
    return view === "changes" && isDying ? neverAnswered() : undefined;
  };
  const job = valueOf(await connection.run());
  await connection.dieInAlarm(() => asked.length === 2);
  isDying = false;
  asked.length = 0;

  expect(await connection.finish(job)).toMatchObject({ status: "COMPLETED", counts: { inserted: 30 } });
  expect(asked).toEqual(["a", "a", "b", "b"]);
});

test("what is changed while a slice is at work is told at once, not when it ends", async () => {
  const upstream = new CouchUpstream().install().fill(15);
  const connection = await TestConnection.create();
  const { id } = valueOf(await connection.run());
  const before = upstream.calls;
  upstream.interfere = () => neverAnswered();
  vi.setSystemTime((await connection.alarmAt()) ?? 0);
  const alarm = runDurableObjectAlarm(connection.stub);
  while (upstream.calls === before) await connection.stub.storageUsage();
  const events = () => connection.rows("SELECT id FROM events");
  await expect.poll(events).toEqual([]);
  valueOf(await connection.stub.update(ORGANIZATION, { name: "Renamed" }));

  await expect.poll(events).toEqual([]);
  expect(await connection.job(id)).toMatchObject({ status: "RUNNING", isAtWork: true });
  valueOf(await connection.stub.cancel(ORGANIZATION, id));
  await alarm;
});

test("an update that the source refuses changes nothing", async () => {
  const upstream = new CouchUpstream().install();
  const connection = await TestConnection.create();
  const before = await connection.describe();
  upstream.interfere = () => new Response("{}", { status: 404 });
  const patch = { name: "Renamed", config: { url: CouchUpstream.url, databases: ["gone"] } };

  expect(await connection.stub.update(ORGANIZATION, patch)).toMatchObject({
    ok: false,
    refusal: { code: "source_refused" },
  });
  expect(await connection.describe()).toEqual(before);
});

test("erase forgets everything: the object, its rows in D1, and any alarm that comes late", async () => {
  const connection = await TestConnection.create();
  await connection.sync();
  const active = valueOf(await connection.run());
  const erased = valueOf(await connection.stub.erase(ORGANIZATION));
  expect(erased).toMatchObject({ id: connection.id, lastJob: { id: active.id, status: "PENDING" } });

  expect(await connection.stub.describe(ORGANIZATION)).toMatchObject({ ok: false });
  expect(await connection.run()).toMatchObject({ ok: false, refusal: { code: "not_found" } });
  expect(await rowInD1(connection)).toMatchObject({ deleted_at: expect.any(Number) });
  expect(await jobsInD1(connection)).toBe(0);

  await connection.settle();
  expect(await connection.rows(TABLES)).toEqual([]);
  await connection.storage((storage) => storage.setAlarm(Date.now() + 1));
  await runDurableObjectAlarm(connection.stub);
  expect(await connection.rows(TABLES)).toEqual([]);
  expect(await connection.alarmAt()).toBeNull();
  expect(await jobsInD1(connection)).toBe(0);
});

test("an update that a delete overtakes, while the source is being asked, finds nothing, and the object empties itself after it", async () => {
  const upstream = new CouchUpstream().install();
  const connection = await TestConnection.create();
  const asked = upstream.calls;
  const { promise: released, resolve } = Promise.withResolvers<void>();
  upstream.interfere = () => released.then(() => undefined);
  const credentials = { username: "reader", password: "staple" };
  const update = connection.stub.update(ORGANIZATION, { credentials });
  while (upstream.calls === asked) await connection.stub.storageUsage();
  valueOf(await connection.stub.erase(ORGANIZATION));
  await allTold(connection);
  const version = async () => (await rowInD1(connection))?.["version"];
  const deleted = await version();
  resolve();

  expect(await update).toEqual({ ok: false, refusal: NOT_FOUND });
  await connection.settle();
  expect(await connection.rows(TABLES)).toEqual([]);
  expect(await version()).toBe(deleted);
});

test("a deleted connection that dies with a call still under way empties itself, with nobody coming by", async () => {
  const upstream = new CouchUpstream().install();
  const connection = await TestConnection.create();
  const asked = upstream.calls;
  upstream.interfere = () => neverAnswered();
  const config = { url: CouchUpstream.url, databases: ["other"] };
  const update = connection.stub.update(ORGANIZATION, { config }).catch(() => null);
  while (upstream.calls === asked) await connection.stub.storageUsage();
  valueOf(await connection.stub.erase(ORGANIZATION));
  await allTold(connection);
  await connection.kill();

  expect(await update).toBeNull();
  await connection.settle();
  expect(await connection.rows(TABLES)).toEqual([]);
});

test("a webhook's owner finds nothing where the connection is deleted while the webhook's secrets are being sealed", async () => {
  const connection = await TestConnection.create();
  const sealing = heldSealing();
  const verification = { scheme: "none" as const };
  const settings = { verification, condition: null, debounceSeconds: 0, deliveryIdHeader: null };
  const created = connection.stub.createHook(ORGANIZATION, { tokenHash: "0".repeat(64), settings, secrets: ["s"] });
  await sealing.begun;
  valueOf(await connection.stub.erase(ORGANIZATION));
  await allTold(connection);
  sealing.letGo();

  expect(await created).toEqual({ ok: false, refusal: NOT_FOUND });
  await connection.settle();
  expect(await connection.rows(TABLES)).toEqual([]);
});

test("erase breaks off a sync whose upstream hangs, and nothing of it comes back", async () => {
  const upstream = new CouchUpstream().install().fill(15);
  const connection = await TestConnection.create();
  valueOf(await connection.run());
  const before = upstream.calls;
  upstream.interfere = () => neverAnswered();
  vi.setSystemTime((await connection.alarmAt()) ?? 0);
  const alarm = runDurableObjectAlarm(connection.stub);
  while (upstream.calls === before) await connection.stub.storageUsage();
  valueOf(await connection.stub.erase(ORGANIZATION));
  await alarm;

  while ((await connection.alarmAt()) !== null) await connection.nextAlarm();
  expect(await connection.rows(TABLES)).toEqual([]);
  expect(await jobsInD1(connection)).toBe(0);
});

test("a follow-up that was queued does not start once the connection is gone", async () => {
  const upstream = new CouchUpstream().install().fill(5);
  const connection = await TestConnection.create();
  valueOf(await connection.run());
  valueOf(await connection.run({ onConflict: "queue" }));
  const calls = upstream.calls;
  valueOf(await connection.stub.erase(ORGANIZATION));
  while ((await connection.alarmAt()) !== null) await connection.nextAlarm();

  expect(upstream.calls).toBe(calls);
  expect(await jobsInD1(connection)).toBe(0);
  expect(await connection.rows(TABLES)).toEqual([]);
});

test("D1 can be rebuilt from the objects", async () => {
  const connection = await TestConnection.create();
  await connection.sync();
  await connection.sync();
  await env.DB.prepare("DELETE FROM sync_jobs WHERE source_connection_id = ?").bind(connection.id).run();
  await env.DB.prepare("DELETE FROM source_connections WHERE id = ?").bind(connection.id).run();
  valueOf(await connection.stub.republish(ORGANIZATION));

  expect(await rowInD1(connection)).toMatchObject({ name: "Documents", entity_count: 15, status: "active" });
  expect(await jobsInD1(connection)).toBe(2);
});

/** Alarms go off until there is nothing left to be told to others. */
async function allTold(connection: TestConnection): Promise<void> {
  const isTold = async () =>
    (await connection.rows("SELECT 1 FROM outbox UNION ALL SELECT 1 FROM events")).length === 0;
  while (!(await isTold())) await connection.nextAlarm();
}

async function rowInD1({ id }: TestConnection) {
  return env.DB.prepare("SELECT * FROM source_connections WHERE id = ?").bind(id).first();
}

async function jobsInD1({ id }: TestConnection) {
  return env.DB.prepare("SELECT count(*) AS total FROM sync_jobs WHERE source_connection_id = ?")
    .bind(id)
    .first("total");
}
