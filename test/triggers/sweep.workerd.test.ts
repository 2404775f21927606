import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test, vi } from "vitest";

import type { FireOutcome } from "#connection/rpc";
import { project, type ConnectionRecord } from "#records/projection";
import { openEvents } from "#events/gate";
import { everyMinute } from "#triggers/every-minute";
import { sweep } from "#triggers/sweep";
import { FakeConnection, FakeConnections } from "#test/support/fake-connection";

const db = env.DB;
const NOW = Date.UTC(2026, 2, 15, 9, 30);
const MINUTE_MS = 60_000;
/** Thousands of writes to D1, one by one: as long as a test may take. */
const PATIENCE_MS = 120_000;

/** An object in memory: it runs once for each due time, and tells D1 its next one. */
class ScheduledObject extends FakeConnection {
  readonly #all: ScheduledObjects;
  readonly id: string;
  nextRunAt: number;
  version = 1;
  readonly startedFor: number[] = [];

  constructor(id: string, all: ScheduledObjects, nextRunAt: number) {
    super(id, new FakeConnections(db), db);
    this.#all = all;
    this.id = id;
    this.nextRunAt = nextRunAt;
  }

  override async fire(dueAt: number): Promise<FireOutcome> {
    this.#all.atOnce += 1;
    this.#all.mostAtOnce = Math.max(this.#all.mostAtOnce, this.#all.atOnce);
    this.#all.calls += 1;
    await this.#all.beforeFire(this.id, dueAt);
    this.#all.atOnce -= 1;
    if (this.#all.broken.has(this.id)) throw new Error("The object is gone.");
    if (this.nextRunAt > dueAt) return "not_due";
    this.startedFor.push(dueAt);
    this.nextRunAt = NOW + 60 * MINUTE_MS;
    this.version += 1;
    if (this.#all.tellsD1) await project(db, [recordOf(this)]);
    return "started";
  }
}

class ScheduledObjects {
  readonly objects = new Map<string, ScheduledObject>();
  readonly broken = new Set<string>();
  calls = 0;
  atOnce = 0;
  mostAtOnce = 0;
  tellsD1 = true;
  beforeFire: (id: string, dueAt: number) => Promise<void> = async () => {};

  /** Makes objects that are due a second apart, the last of them now. */
  async add(
    count: number,
    dueAt: (index: number) => number = (index) => NOW - (count - 1 - index) * 1_000,
  ): Promise<void> {
    const made = Array.from(
      { length: count },
      (_, index) => new ScheduledObject(crypto.randomUUID(), this, dueAt(index)),
    );
    for (const each of made) this.objects.set(each.id, each);
    for (let from = 0; from < count; from += 500) await project(db, made.slice(from, from + 500).map(recordOf));
  }

  readonly sweep = (overrides: Partial<Parameters<typeof sweep>[0]> = {}) =>
    sweep({ db, gate: (id) => this.at(id), now: () => NOW, limit: 800, concurrency: 5, ...overrides });

  at(id: string): ScheduledObject {
    const object = this.objects.get(id);
    if (object === undefined) throw new Error(`Nothing was due for ${id}.`);
    return object;
  }

  get all(): ScheduledObject[] {
    return [...this.objects.values()];
  }

  get started(): number {
    return this.all.reduce((total, { startedFor }) => total + startedFor.length, 0);
  }
}

function recordOf({ id, version, nextRunAt }: ScheduledObject): ConnectionRecord {
  return {
    kind: "connection",
    id,
    version,
    organizationId: "org",
    collectionId: "default",
    name: "Scheduled",
    shortName: "stub",
    status: "active",
    entityCount: 0,
    createdAt: 1,
    modifiedAt: 1,
    deletedAt: null,
    nextRunAt,
    wakeAt: null,
    isPaused: false,
  };
}

beforeEach(async () => {
  await db.exec("DELETE FROM source_connections");
});

test("calls what is due and nothing else, the longest due first", async () => {
  const objects = new ScheduledObjects();
  await objects.add(3);
  await objects.add(1, () => NOW + 1);
  const order: string[] = [];
  objects.beforeFire = async (id) => void order.push(id);
  expect(await objects.sweep({ concurrency: 1 })).toEqual({
    due: 3,
    started: 3,
    skipped: 0,
    failed: 0,
    is_complete: true,
  });
  expect(order).toEqual(objects.all.slice(0, 3).map(({ id }) => id));
  expect(await objects.sweep()).toMatchObject({ due: 0, is_complete: true });
});

describe("five thousand due in one minute", () => {
  test(
    "all start once, a sweep going on where the one before it stopped, a few at a time",
    { timeout: PATIENCE_MS },
    async () => {
      const objects = new ScheduledObjects();
      // All at the same instant, so that only their ids order them.
      await objects.add(5_000, () => NOW);
      const reports = [];
      for (let minute = 0; minute < 10; minute += 1) {
        reports.push(await objects.sweep());
        if (reports.at(-1)?.is_complete === true) break;
      }
      expect(reports.map(({ started }) => started)).toEqual([800, 800, 800, 800, 800, 800, 200]);
      expect(objects.all.every(({ startedFor }) => startedFor.length === 1)).toBe(true);
      expect(objects.calls).toBe(5_000);
      expect(objects.mostAtOnce).toBe(5);
    },
  );

  test("all start once although two sweeps overlap from beginning to end", { timeout: PATIENCE_MS }, async () => {
    const objects = new ScheduledObjects();
    await objects.add(1_000);
    await Promise.all([objects.sweep({ limit: 2_000 }), objects.sweep({ limit: 2_000 })]);
    expect(objects.all.every(({ startedFor }) => startedFor.length === 1)).toBe(true);
  });

  test("none is lost when a sweep dies in the middle", { timeout: PATIENCE_MS }, async () => {
    const objects = new ScheduledObjects();
    await objects.add(300);
    objects.beforeFire = async () => {
      // The invocation ends here: nothing that it awaits comes back.
      if (objects.calls > 150) await new Promise<never>(() => {});
    };
    const dying = objects.sweep({ concurrency: 3 });
    await expect.poll(() => objects.calls, { timeout: PATIENCE_MS }).toBe(153);
    objects.beforeFire = async () => {};
    expect(await objects.sweep()).toMatchObject({ started: 150, failed: 0, is_complete: true });
    expect(objects.all.every(({ startedFor }) => startedFor.length === 1)).toBe(true);
    expect(dying).toBeInstanceOf(Promise);
  });
});

test("a sweep that takes too long leaves the rest to the next minute", async () => {
  const objects = new ScheduledObjects();
  await objects.add(250);
  let now = NOW;
  objects.beforeFire = async () => void (now += 400);
  expect(await objects.sweep({ now: () => now })).toMatchObject({ due: 125, started: 125, is_complete: false });
  expect(await objects.sweep()).toMatchObject({ due: 125, is_complete: true });
});

describe("an object that fails", () => {
  test("stops none of the others, and is called again after some minutes, with the time since when it is due", async () => {
    const objects = new ScheduledObjects();
    await objects.add(20);
    const [first] = objects.all;
    if (first === undefined) throw new Error("There are twenty.");
    objects.broken.add(first.id);
    expect(await objects.sweep({ limit: 10 })).toMatchObject({ started: 9, failed: 1, is_complete: false });
    // It was the longest due, and does not stand in the way now.
    expect(await objects.sweep({ limit: 10 })).toMatchObject({ started: 10, failed: 0 });
    objects.broken.clear();
    expect(await objects.sweep()).toMatchObject({ due: 0 });
    expect(await objects.sweep({ now: () => NOW + 5 * MINUTE_MS })).toMatchObject({ started: 1 });
  });

  test("to answer stops none of the others either", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const objects = new ScheduledObjects();
    await objects.add(20);
    const hanging = new Set(objects.all.slice(0, 5).map(({ id }) => id));
    objects.beforeFire = (id) => (hanging.has(id) ? new Promise(() => {}) : Promise.resolve());
    const sweeping = objects.sweep();
    // The others are called, and not given up on: here time passes as it does for everybody.
    await vi.waitFor(() => expect(vi.getTimerCount()).toBe(5), { timeout: 9_000 });
    await vi.advanceTimersByTimeAsync(10_000);
    vi.useRealTimers();
    expect(await sweeping).toEqual({ due: 20, started: 15, skipped: 0, failed: 5, is_complete: true });
    expect(await objects.sweep()).toMatchObject({ due: 0 });
  });

  test("and has told D1 its next due time all the same keeps that", async () => {
    const objects = new ScheduledObjects();
    await objects.add(1);
    const [only] = objects.all;
    if (only === undefined) throw new Error("There is one.");
    objects.beforeFire = async () => {
      only.nextRunAt = NOW + MINUTE_MS;
      only.version += 1;
      await project(db, [recordOf(only)]);
    };
    objects.broken.add(only.id);
    await objects.sweep();
    expect(await db.prepare("SELECT next_run_at FROM source_connections").first("next_run_at")).toBe(NOW + MINUTE_MS);
  });
});

test("a row without an object is not called again", async () => {
  const objects = new ScheduledObjects();
  await objects.add(2);
  const [only] = objects.all;
  if (only === undefined) throw new Error("There are two.");
  only.fire = async () => "absent";
  expect(await objects.sweep()).toMatchObject({ due: 2, started: 1 });
  only.fire = async () => {
    throw new Error("It was called again.");
  };
  expect(await objects.sweep({ now: () => NOW + 59 * MINUTE_MS })).toMatchObject({ due: 0, failed: 0 });
});

test("rows that D1 has not heard of yet are called again, and do not start again", async () => {
  const objects = new ScheduledObjects();
  objects.tellsD1 = false;
  await objects.add(5);
  await objects.sweep();
  expect(await objects.sweep()).toMatchObject({ due: 5, started: 0 });
  expect(objects.started).toBe(5);
});

test("nothing that cron asks D1 reads through all connections or jobs", async () => {
  const prepared = vi.spyOn(db, "prepare");
  const reach = {
    gate: (id: string) => new ScheduledObjects().at(id),
    events: (organizationId: string) => openEvents(env.EVENT_DELIVERY, organizationId),
  };
  await everyMinute(env, reach, () => NOW);
  const queries = prepared.mock.calls.map(([query]) => query);
  prepared.mockRestore();
  expect(queries).toHaveLength(6);
  for (const query of queries) {
    const values = Array.from({ length: query.split("?").length - 1 }, () => 0);
    const { results } = await db
      .prepare(`EXPLAIN QUERY PLAN ${query}`)
      .bind(...values)
      .all();
    const steps = results.map(({ detail }) => detail);
    // Not one of those: a row for each organization whose deliveries wait, and an index of its times would cost more.
    if (steps[0] === "SCAN delivery_looks") continue;
    expect(steps[0]).toEqual(expect.stringMatching(/^SEARCH \w+ USING (COVERING )?INDEX/));
    expect(steps).not.toContainEqual(expect.stringContaining("SCAN"));
  }
});
