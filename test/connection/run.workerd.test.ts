import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { NO_PLAN } from "#core/schedule";
import { JobControl } from "#connection/job-control";
import type { JobPage } from "#connection/rpc";
import { migrate } from "#connection/schema";
import { openStores } from "#connection/stores";
import { isTerminal } from "#core/job";
import { CouchUpstream, neverAnswered } from "#test/support/couch-upstream";
import { A_RUN, aCreate, ORGANIZATION, stopClock, TestConnection, valueOf, withSql } from "#test/support/connection";

const HOUR_MS = 3_600_000;

beforeEach(() => {
  stopClock();
  new CouchUpstream().install().fill(15);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

test("of fifty runs at once one starts a job, and the others are told which", async () => {
  const connection = await TestConnection.create();
  const replies = await Promise.all(Array.from({ length: 50 }, () => connection.run()));
  const started = replies.flatMap((reply) => (reply.ok ? [reply.value.id] : []));
  const refused = replies.flatMap((reply) => (reply.ok ? [] : [reply.refusal]));

  expect(started).toHaveLength(1);
  expect(refused).toHaveLength(49);
  expect(refused.every(({ code, job }) => code === "job_active" && job?.id === started[0])).toBe(true);
  expect(valueOf(await connection.stub.jobs(ORGANIZATION, { limit: 100, cursor: null })).jobs).toHaveLength(1);
});

test("a run is a new job once the last one has ended", async () => {
  const connection = await TestConnection.create();
  const first = await connection.sync();
  const second = valueOf(await connection.run());

  expect(second.id > first.id).toBe(true);
  expect(second.status).toBe("PENDING");
});

test("the same idempotency key is the same job for 24 hours, also when it has ended and the object was evicted", async () => {
  const connection = await TestConnection.create();
  const first = await connection.sync({ idempotencyKey: "key" });
  await evictDurableObject(connection.stub);
  vi.setSystemTime(Date.now() + 23 * HOUR_MS);
  expect(valueOf(await connection.run({ idempotencyKey: "key" }))).toMatchObject({ id: first.id, status: "COMPLETED" });

  vi.setSystemTime(Date.now() + 2 * HOUR_MS);
  expect(valueOf(await connection.run({ idempotencyKey: "key" })).id).not.toBe(first.id);
});

test("fifty runs with one key are one job, and none of them is refused", async () => {
  const connection = await TestConnection.create();
  const replies = await Promise.all(Array.from({ length: 50 }, () => connection.run({ idempotencyKey: "key" })));

  expect(new Set(replies.map((reply) => valueOf(reply).id)).size).toBe(1);
});

test("a refused run leaves its key free", async () => {
  const connection = await TestConnection.create();
  const active = valueOf(await connection.run());
  expect(await connection.run({ idempotencyKey: "key" })).toMatchObject({ ok: false });
  await connection.finish(active);

  expect(valueOf(await connection.run({ idempotencyKey: "key" })).id).not.toBe(active.id);
});

test("attach answers with the active job and asks for no other", async () => {
  const connection = await TestConnection.create();
  const active = valueOf(await connection.run());

  expect(valueOf(await connection.run({ onConflict: "attach" })).id).toBe(active.id);
  await connection.finish(active);
  expect((await connection.describe()).runs.total).toBe(1);
});

test("queue asks for one follow-up, however often, and the widest request counts", async () => {
  const connection = await TestConnection.create();
  const active = valueOf(await connection.run());
  const queued = await Promise.all([
    connection.run({ onConflict: "queue", trigger: "webhook" }),
    connection.run({ onConflict: "queue", forceFullSync: true }),
    connection.run({ onConflict: "queue" }),
  ]);
  expect(queued.map((reply) => valueOf(reply).id)).toEqual([active.id, active.id, active.id]);
  await connection.finish(active);

  const { lastJob, runs } = await connection.describe();
  expect(runs.total).toBe(2);
  expect(lastJob).toMatchObject({ status: "PENDING", trigger: "webhook", forcedFull: true, mode: "full" });
  expect(await connection.finish({ id: lastJob?.id ?? "" })).toMatchObject({ status: "COMPLETED" });
  expect((await connection.describe()).runs).toEqual({ total: 2, successful: 2, failed: 0 });
});

test("two alarms at once do the work once", async () => {
  const connection = await TestConnection.create();
  const job = valueOf(await connection.run());
  vi.setSystemTime((await connection.alarmAt()) ?? 0);
  const doubled = connection.storage((storage) => storage.setAlarm(Date.now()));
  await Promise.all([runDurableObjectAlarm(connection.stub), doubled, runDurableObjectAlarm(connection.stub)]);

  expect(await connection.finish(job)).toMatchObject({ status: "COMPLETED", counts: { inserted: 15, kept: 0 } });
});

test("an alarm that was lost is set again by whatever call comes next", async () => {
  const connection = await TestConnection.create();
  const job = valueOf(await connection.run());
  await connection.storage((storage) => storage.deleteAlarm());
  await evictDurableObject(connection.stub);
  expect(await connection.alarmAt()).toBeNull();

  await connection.stub.poke("job", []);
  expect(await connection.alarmAt()).not.toBeNull();
  expect(await connection.finish(job)).toMatchObject({ status: "COMPLETED" });
});

test("an alarm that is long overdue is set again even by the object that believes in it", async () => {
  const connection = await TestConnection.create();
  const job = valueOf(await connection.run());
  await connection.storage((storage) => storage.deleteAlarm());
  vi.setSystemTime(Date.now() + 61_000);
  await connection.describe();

  expect(await connection.finish(job)).toMatchObject({ status: "COMPLETED" });
});

test("a cancel reaches a job whose upstream hangs within a second", async () => {
  const upstream = new CouchUpstream().install().fill(15);
  const connection = await TestConnection.create();
  const job = valueOf(await connection.run());
  const before = upstream.calls;
  upstream.interfere = () => neverAnswered();
  vi.setSystemTime((await connection.alarmAt()) ?? 0);
  const alarm = runDurableObjectAlarm(connection.stub);
  while (upstream.calls === before) await connection.stub.storageUsage();

  const startedAt = performance.now();
  expect(valueOf(await connection.stub.cancel(ORGANIZATION, job.id))).toMatchObject({ status: "CANCELLING" });
  await alarm;
  expect(performance.now() - startedAt).toBeLessThan(1_000);
  expect(await connection.job(job.id)).toMatchObject({ status: "CANCELLED", completedAt: Date.now() });
});

test("a job that waits, or has not begun, is cancelled on the spot", async () => {
  const upstream = new CouchUpstream().install().fill(15);
  const connection = await TestConnection.create();
  const pending = valueOf(await connection.run());
  expect(valueOf(await connection.stub.cancel(ORGANIZATION, pending.id)).status).toBe("CANCELLED");

  upstream.interfere = () => new Response("{}", { status: 503, headers: { "retry-after": "3600" } });
  const waiting = valueOf(await connection.run());
  await connection.nextAlarm();
  expect((await connection.job(waiting.id)).waiting).not.toBeNull();
  expect(valueOf(await connection.stub.cancel(ORGANIZATION, waiting.id)).status).toBe("CANCELLED");
});

test("a cancelled job keeps what it committed and deletes nothing", async () => {
  const upstream = new CouchUpstream().install().fill(900);
  const connection = await TestConnection.create();
  const job = valueOf(await connection.run());
  await connection.nextAlarm();
  const { counts } = await connection.job(job.id);
  valueOf(await connection.stub.cancel(ORGANIZATION, job.id));

  expect((await connection.copy()).size).toBe(counts.inserted);
  expect(counts.inserted).toBeGreaterThan(0);
  // The next one goes on where it was broken off.
  const rest = upstream.documents().size - counts.inserted;
  expect(await connection.sync()).toMatchObject({ status: "COMPLETED", counts: { inserted: rest, kept: 0 } });
  expect(await connection.copy()).toEqual(upstream.documents());
});

test("a job that has ended can't be cancelled, and its like at work is left alone", async () => {
  const upstream = new CouchUpstream().install().fill(15);
  const connection = await TestConnection.create();
  const ended = await connection.sync();
  const active = valueOf(await connection.run({ forceFullSync: true }));
  const before = upstream.calls;
  const { promise: released, resolve } = Promise.withResolvers<void>();
  upstream.interfere = ({ number }) =>
    number === before + 1 ? released.then(() => Response.json({ db_name: "db", instance_start_time: "1" })) : undefined;
  vi.setSystemTime((await connection.alarmAt()) ?? 0);
  const alarm = runDurableObjectAlarm(connection.stub);
  while (upstream.calls === before) await connection.stub.storageUsage();

  const refused = await connection.stub.cancel(ORGANIZATION, ended.id);
  expect(refused).toMatchObject({ ok: false, refusal: { code: "job_finished", job: { id: ended.id } } });
  expect(await connection.stub.cancel(ORGANIZATION, crypto.randomUUID())).toMatchObject({
    ok: false,
    refusal: { code: "not_found" },
  });
  resolve();
  await alarm;
  expect(await connection.job(active.id)).toMatchObject({ status: "COMPLETED", strikes: 1 });
});

test("a clock that was set back does not hide a new job behind an old one", () =>
  withSql((sql) => {
    migrate(sql);
    const stores = openStores(sql, { db: env.DB, publish: () => Promise.resolve() });
    const { credentials: _secret, syncImmediately: _now, ...identity } = aCreate();
    stores.connection.write({
      ...identity,
      credentials: { keyId: "k", wrapIv: "", wrappedKey: "", iv: "", ciphertext: "" },
      credentialsChangedAt: 0,
      createdAt: 0,
      modifiedAt: 0,
      deletedAt: null,
      version: 1,
      feedId: "feed",
      isPaused: false,
      plan: NO_PLAN,
    });
    let now = 5_000;
    const around = { now: () => now, random: () => 0.5, newId: idOfTime, findSource: () => null };
    const control = new JobControl(stores, around, plainTerms);
    const first = valueOf(control.run(A_RUN));
    control.cancel(first.id, false);
    now = 1_000;
    const second = valueOf(control.run(A_RUN));

    expect(stores.jobs.active()?.id).toBe(second.id);
    expect(control.run(A_RUN)).toMatchObject({ ok: false, refusal: { job: { id: second.id } } });
  }));

test("jobs are listed newest first, page by page, each once", async () => {
  const connection = await TestConnection.create();
  const ids: string[] = [];
  for (let index = 0; index < 5; index += 1) ids.unshift((await connection.sync()).id);
  const listed: string[] = [];
  for (let cursor: string | null = null, more = true; more; more = cursor !== null) {
    const page: JobPage = valueOf(await connection.stub.jobs(ORGANIZATION, { limit: 2, cursor }));
    listed.push(...page.jobs.map(({ id }) => id));
    cursor = page.nextCursor;
  }

  expect(listed).toEqual(ids);
  expect(await connection.stub.jobs(ORGANIZATION, { limit: 2, cursor: "x" })).toMatchObject({
    ok: false,
    refusal: { code: "invalid" },
  });
});

test("whatever order runs, cancels and alarms come in, accepted jobs end and only one is ever active", async () => {
  const connection = await TestConnection.create();
  const accepted = new Set<string>();
  for (let step = 0; step < 60; step += 1) {
    const active = [...accepted].at(-1);
    if (step % 3 === 0) {
      const reply = await connection.run({ forceFullSync: step % 2 === 0 });
      if (reply.ok) accepted.add(reply.value.id);
    } else if (step % 7 === 1 && active !== undefined) await connection.stub.cancel(ORGANIZATION, active);
    else if (step % 11 === 4) await evictDurableObject(connection.stub);
    else if ((await connection.alarmAt()) !== null) await connection.nextAlarm();
    const { jobs } = valueOf(await connection.stub.jobs(ORGANIZATION, { limit: 100, cursor: null }));
    expect(jobs.filter(({ status }) => !isTerminal(status)).length).toBeLessThanOrEqual(1);
  }
  for (const id of accepted) expect(isTerminal((await connection.finish({ id })).status)).toBe(true);
});

/** As a UUIDv7 does, it sorts by time; nothing else about it is random. */
let made = 0;

/** Of a time, like a UUIDv7, and different each time. */
function idOfTime(at: number): string {
  made += 1;
  return `${at.toString(16).padStart(8, "0")}-0000-7000-8000-${made.toString(16).padStart(12, "0")}`;
}

function plainTerms() {
  return { jitterMs: 0, isContinuous: true, deadlineMs: HOUR_MS };
}
