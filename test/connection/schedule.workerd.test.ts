import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import type { SourceConnectionRpc } from "#connection/rpc";
import type { ConnectionSnapshot } from "#core/connection";
import type { Reply } from "#core/errors";
import type { Job } from "#core/job";
import type { JsonObject } from "#core/json";
import type { Schedule } from "#core/schedule";

// The object itself, with the clock in the test's hands.

const AT = Date.UTC(2026, 2, 15, 9, 30);
const HOUR_MS = 3_600_000;
const TEN = AT + HOUR_MS / 2;
const ORGANIZATION = "org";

const HOURLY: Schedule = {
  cron: "0 * * * *",
  timezone: "UTC",
  full_sync_cron: null,
  continuous: false,
  cursor_field: null,
};

beforeEach(() => {
  vi.useFakeTimers({ now: AT, toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

function valueOf<T>(reply: Reply<T>): T {
  if (!reply.ok) throw new Error(reply.refusal.message);
  return reply.value;
}

interface Connected {
  readonly id: string;
  readonly object: DurableObjectStub & SourceConnectionRpc;
  readonly describe: () => Promise<ConnectionSnapshot>;
  readonly jobs: () => Promise<readonly Job[]>;
  /** Lets the active job work until it has ended. */
  readonly finish: () => Promise<void>;
}

async function connect(
  schedule: Schedule | null,
  { shortName = "incremental_stub", config = {} }: { shortName?: string; config?: JsonObject } = {},
): Promise<Connected> {
  const id = crypto.randomUUID();
  const object = env.SOURCE_CONNECTION.getByName(id);
  const made = await object.create({
    id,
    organizationId: ORGANIZATION,
    name: "Scheduled",
    description: null,
    shortName,
    collectionId: "default",
    config,
    credentials: { stub_key: "key", timed_key: "key" },
    schedule,
    settings: {},
    manifest: null,
    syncImmediately: false,
  });
  valueOf(made);
  const jobs = async () => valueOf(await object.jobs(ORGANIZATION, { limit: 100, cursor: null })).jobs;
  return {
    id,
    object,
    describe: async () => valueOf(await object.describe(ORGANIZATION)),
    jobs,
    async finish() {
      while ((await jobs()).some(({ wakeAt }) => wakeAt !== null)) {
        vi.setSystemTime(Date.now() + 1_000);
        await runDurableObjectAlarm(object);
      }
    },
  };
}

function isPausedInD1(id: string): Promise<number | null> {
  return env.DB.prepare("SELECT is_paused FROM source_connections WHERE id = ?").bind(id).first<number>("is_paused");
}

function dueInD1(id: string): Promise<number | null> {
  return env.DB.prepare("SELECT next_run_at FROM source_connections WHERE id = ?")
    .bind(id)
    .first<number>("next_run_at");
}

describe("a connection with a schedule", () => {
  test("tells D1 when it is due, and starts then", async () => {
    const { id, object, describe: read, jobs } = await connect(HOURLY);
    expect(await dueInD1(id)).toBe(TEN);
    expect((await read()).plan.nextRunAt).toBe(TEN);

    expect(await object.fire(TEN)).toBe("not_due");
    expect(await jobs()).toEqual([]);
    vi.setSystemTime(TEN + 300);
    expect(await object.fire(TEN)).toBe("started");
    expect(await jobs()).toMatchObject([
      { trigger: "schedule", mode: "full", forcedFull: false, createdAt: TEN + 300 },
    ]);
    await expect.poll(() => dueInD1(id)).toBe(TEN + HOUR_MS);
  });

  test("starts one job however many sweeps call for the same time at once", async () => {
    const { object, jobs, finish } = await connect(HOURLY);
    vi.setSystemTime(TEN);
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => object.fire(TEN)));
    expect(outcomes.toSorted()).toEqual([...Array.from({ length: 19 }, () => "not_due"), "started"]);
    await finish();
    expect(await object.fire(TEN)).toBe("not_due");
    expect(await jobs()).toHaveLength(1);
  });

  test("makes up for three days without a sweep with one run", async () => {
    const { object, describe: read, jobs, finish } = await connect(HOURLY);
    vi.setSystemTime(TEN + 72 * HOUR_MS + 1);
    expect(await object.fire(TEN)).toBe("started");
    await finish();
    expect(await object.fire(TEN)).toBe("not_due");
    expect(await jobs()).toHaveLength(1);
    expect((await read()).plan.nextRunAt).toBe(TEN + 73 * HOUR_MS);
  });

  test("skips a time at which a job is active, shows that, and runs at the next", async () => {
    const { id, object, describe: read, jobs, finish } = await connect(HOURLY, { shortName: "timed" });
    valueOf(await object.run(ORGANIZATION, MANUAL));
    vi.setSystemTime(TEN);
    expect(await object.fire(TEN)).toBe("skipped");
    expect((await read()).plan).toMatchObject({ nextRunAt: TEN + HOUR_MS, lastSkippedAt: TEN, skippedCount: 1 });
    await expect.poll(() => dueInD1(id)).toBe(TEN + HOUR_MS);
    await finish();
    vi.setSystemTime(TEN + HOUR_MS);
    expect(await object.fire(TEN + HOUR_MS)).toBe("started");
    expect((await jobs()).map(({ trigger }) => trigger)).toEqual(["schedule", "manual"]);
  });

  test("has full syncs of its own, and one that meets an incremental job comes after it", async () => {
    const { object, jobs, finish } = await connect({ ...HOURLY, full_sync_cron: "30 10 * * *" });
    vi.setSystemTime(TEN);
    await object.fire(TEN);
    await finish();
    valueOf(await object.run(ORGANIZATION, MANUAL));
    vi.setSystemTime(TEN + HOUR_MS / 2);
    expect(await object.fire(TEN + HOUR_MS / 2)).toBe("queued");
    await finish();
    expect((await jobs()).map(({ trigger, mode, status }) => [trigger, mode, status])).toEqual([
      ["schedule", "full", "COMPLETED"],
      ["manual", "incremental", "COMPLETED"],
      ["schedule", "full", "COMPLETED"],
    ]);
  });

  test("tells a D1 that has another due time the right one", async () => {
    const { id, object } = await connect(HOURLY);
    await env.DB.prepare("UPDATE source_connections SET next_run_at = 0 WHERE id = ?").bind(id).run();
    expect(await object.fire(0)).toBe("not_due");
    await expect.poll(() => dueInD1(id)).toBe(TEN);
  });

  test("that an earlier version stored gets its due time from the first sweep", async () => {
    const { object, describe: read } = await connect(HOURLY);
    await runInDurableObject(object, (_object, { storage }) => {
      storage.sql.exec(
        "UPDATE documents SET value = json_remove(value, '$.plan', '$.schedule.timezone', '$.schedule.full_sync_cron') WHERE key = 'connection'",
      );
    });
    await evictDurableObject(object);
    expect(await object.fire(0)).toBe("not_due");
    expect(await read()).toMatchObject({ schedule: HOURLY, plan: { nextRunAt: TEN, skippedCount: 0 } });
  });

  test("whose object dies after the job began, and before D1 heard of it, still starts once", async () => {
    const { object, jobs, finish } = await connect(HOURLY);
    vi.setSystemTime(TEN);
    await object.fire(TEN);
    await evictDurableObject(object);
    expect(await object.fire(TEN)).toBe("not_due");
    await finish();
    expect(await jobs()).toMatchObject([{ status: "COMPLETED" }]);
  });
});

describe("changing a schedule", () => {
  test("moves the due time, at once in D1 too, and removing it leaves none", async () => {
    const { id, object } = await connect(HOURLY);
    const tokyo: Schedule = { ...HOURLY, cron: "0 6 * * *", timezone: "Asia/Tokyo" };
    const changed = valueOf(await object.update(ORGANIZATION, { schedule: tokyo }));
    expect(changed.plan.nextRunAt).toBe(Date.UTC(2026, 2, 15, 21));
    expect(await dueInD1(id)).toBe(Date.UTC(2026, 2, 15, 21));
    expect(valueOf(await object.update(ORGANIZATION, { schedule: null })).plan.nextRunAt).toBeNull();
    expect(await dueInD1(id)).toBeNull();
    vi.setSystemTime(Date.UTC(2026, 2, 15, 21));
    expect(await object.fire(Date.UTC(2026, 2, 15, 21))).toBe("not_due");
  });

  test("to the same one loses no time that is due already", async () => {
    const { object } = await connect(HOURLY);
    vi.setSystemTime(TEN + 5_000);
    const same = valueOf(await object.update(ORGANIZATION, { schedule: HOURLY, name: "Renamed" }));
    expect(same.plan.nextRunAt).toBe(TEN);
    expect(await object.fire(TEN)).toBe("started");
  });
});

test("refused credentials pause the schedule until there are others", async () => {
  const {
    id,
    object,
    describe: read,
    jobs,
    finish,
  } = await connect(HOURLY, {
    shortName: "exception_stub",
    config: { exception_type: "source_auth_error", trigger_after: 0 },
  });
  valueOf(await object.run(ORGANIZATION, MANUAL));
  await finish();
  expect(await read()).toMatchObject({ status: "needs_reauth", plan: { nextRunAt: null } });
  await expect.poll(() => dueInD1(id)).toBeNull();
  vi.setSystemTime(TEN + HOUR_MS);
  expect(await object.fire(TEN)).toBe("not_due");
  expect(await jobs()).toHaveLength(1);

  const mended = await object.update(ORGANIZATION, { credentials: { stub_key: "new" } });
  expect(valueOf(mended)).toMatchObject({ status: "active", plan: { nextRunAt: TEN + 2 * HOUR_MS } });
  expect(await dueInD1(id)).toBe(TEN + 2 * HOUR_MS);
});

test("a connection that its owner paused has nothing due, whatever its credentials, until it is resumed", async () => {
  const { id, object, describe: read, jobs } = await connect(HOURLY);
  valueOf(await object.update(ORGANIZATION, { isPaused: true }));
  expect(await read()).toMatchObject({ isPaused: true, status: "active", plan: { nextRunAt: null } });
  expect([await dueInD1(id), await isPausedInD1(id)]).toEqual([null, 1]);
  vi.setSystemTime(TEN + HOUR_MS);
  expect(await object.fire(TEN)).toBe("not_due");
  valueOf(
    await object.update(ORGANIZATION, { credentials: { stub_key: "new" }, schedule: { ...HOURLY, cron: "5 * * * *" } }),
  );
  expect(await read()).toMatchObject({ isPaused: true, plan: { nextRunAt: null } });
  expect(await jobs()).toEqual([]);

  const resumed = valueOf(await object.update(ORGANIZATION, { isPaused: false }));
  expect(resumed).toMatchObject({ isPaused: false, plan: { nextRunAt: TEN + HOUR_MS + 5 * 60_000 } });
  expect([await dueInD1(id), await isPausedInD1(id)]).toEqual([TEN + HOUR_MS + 5 * 60_000, 0]);
});

test("a paused connection runs when it is told to, and stays paused", async () => {
  const { object, describe: read, jobs, finish } = await connect(HOURLY);
  valueOf(await object.update(ORGANIZATION, { isPaused: true }));
  valueOf(await object.run(ORGANIZATION, MANUAL));
  await finish();
  expect(await jobs()).toMatchObject([{ trigger: "manual", status: "COMPLETED" }]);
  expect(await read()).toMatchObject({ isPaused: true, plan: { nextRunAt: null } });
});

test("a connection from before there was a pause is not paused", async () => {
  const { object, describe: read } = await connect(HOURLY);
  await runInDurableObject(object, (_object, { storage }) => {
    storage.sql.exec("UPDATE documents SET value = json_remove(value, '$.isPaused') WHERE key = 'connection'");
  });
  await evictDurableObject(object);
  expect(await read()).toMatchObject({ isPaused: false, plan: { nextRunAt: TEN } });
});

test("a deleted connection, and one that never was, have nothing due", async () => {
  const { id, object } = await connect(HOURLY);
  await object.erase(ORGANIZATION);
  expect(await dueInD1(id)).toBeNull();
  vi.setSystemTime(TEN);
  expect(await object.fire(TEN)).toBe("not_due");
  expect(await env.SOURCE_CONNECTION.getByName(crypto.randomUUID()).fire(TEN)).toBe("absent");
});

const MANUAL = {
  trigger: "manual",
  forceFullSync: false,
  onConflict: "reject",
  idempotencyKey: null,
  confirmDeletes: false,
} as const;
