import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { openEvents } from "#events/gate";
import { everyMinute } from "#triggers/every-minute";
import { watchDeliveries } from "#triggers/delivery-watchdog";
import { stopClock, valueOf } from "#test/support/connection";
import { aSyncEvent } from "#test/support/deliveries";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

let organizationId: string;
/** What the receiver answers, and how often it was told something. */
let status: number;
let told: number;

beforeEach(async () => {
  stopClock();
  organizationId = crypto.randomUUID();
  [status, told] = [200, 0];
  await env.DB.prepare("DELETE FROM delivery_looks").run();
  vi.spyOn(globalThis, "fetch").mockImplementation(async (_url, init) => {
    if (init?.method === "HEAD") return new Response(null);
    told += 1;
    return new Response("", { status });
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const events = (id: string) => openEvents(env.EVENT_DELIVERY, id);
const stub = () => env.EVENT_DELIVERY.getByName(organizationId);
const look = () => watchDeliveries(env.DB, events, Date.now());
const plannedLook = () =>
  env.DB.prepare("SELECT look_at FROM delivery_looks WHERE organization_id = ?").bind(organizationId).first("look_at");
const wait = (ms: number) => vi.setSystemTime(Date.now() + ms);

async function subscribe(): Promise<void> {
  const url = "https://receiver.example/hook";
  valueOf(
    await events(organizationId).subscribe({
      id: crypto.randomUUID(),
      url,
      filterTypes: ["sync.completed"],
      secret: null,
    }),
  );
}

async function publish(): Promise<void> {
  await events(organizationId).publish(organizationId, [aSyncEvent("COMPLETED", Date.now())]);
}

function noConnection(): never {
  throw new Error("There is no connection.");
}

/** The alarm is lost, and the object goes out of memory: nobody but the watchdog comes by. */
async function loseAlarm(): Promise<void> {
  await runInDurableObject(stub(), (_object, { storage }) => storage.deleteAlarm());
  await runInDurableObject(stub(), (_object, state) => state.abort("evicted by a test")).catch(() => undefined);
}

test("a retry whose alarm was lost is made once the watchdog comes by", async () => {
  await subscribe();
  status = 503;
  await publish();
  await vi.waitFor(() => expect(told).toBe(1));
  await loseAlarm();
  status = 200;

  await look();
  expect(told).toBe(1);
  wait(6 * MINUTE_MS);
  await look();
  await vi.waitFor(() => expect(told).toBe(2));
  wait(HOUR_MS);
  await look();
  expect(await plannedLook()).toBeNull();
});

test("cron looks at deliveries too, and sets the alarm again that was lost", async () => {
  await subscribe();
  status = 503;
  await publish();
  await vi.waitFor(() => expect(told).toBe(1));
  await loseAlarm();
  wait(6 * MINUTE_MS);
  await everyMinute(env, { gate: noConnection, events }, Date.now);
  await vi.waitFor(() => expect(told).toBe(2));
  await vi.waitFor(async () =>
    expect(await runInDurableObject(stub(), (_object, { storage }) => storage.getAlarm())).not.toBeNull(),
  );
});

test("an organization whom nobody listens to is not looked at, and costs D1 nothing", async () => {
  await publish();
  expect(await plannedLook()).toBeNull();
});

test("a receiver that keeps up costs D1 one row in five minutes, however much it is told", async () => {
  await subscribe();
  await publish();
  const planned = await plannedLook();
  expect(planned).not.toBeNull();
  for (let event = 0; event < 5; event += 1) {
    wait(1_000);
    await publish();
  }
  await vi.waitFor(() => expect(told).toBe(6));
  expect(await plannedLook()).toBe(planned);
  wait(10 * MINUTE_MS);
  await look();
  expect(await plannedLook()).toBeNull();
});

test("a look for the next day does not keep a new event from an early one", async () => {
  await subscribe();
  status = 503;
  await publish();
  await vi.waitFor(() => expect(told).toBe(1));
  for (let attempt = 2; attempt <= 5; attempt += 1) {
    wait(3 * HOUR_MS);
    await runDurableObjectAlarm(stub());
    await vi.waitFor(() => expect(told).toBe(attempt));
  }
  wait(HOUR_MS);
  await look();
  expect(Number(await plannedLook())).toBeGreaterThan(Date.now() + HOUR_MS);
  await publish();
  expect(Number(await plannedLook())).toBeLessThan(Date.now() + 10 * MINUTE_MS);
});

test("what D1 says of an organization that does not exist is removed, and makes no tables", async () => {
  await env.DB.prepare("INSERT INTO delivery_looks VALUES (?, 0)").bind(organizationId).run();
  await look();
  expect(await plannedLook()).toBeNull();
  const tables = await runInDurableObject(
    stub(),
    (_object, { storage }) =>
      storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'messages'").toArray().length,
  );
  expect(tables).toBe(0);
});

test("one organization that can't be reached keeps none of the others waiting", async () => {
  const others = [crypto.randomUUID(), crypto.randomUUID(), crypto.randomUUID()];
  for (const id of others) await env.DB.prepare("INSERT INTO delivery_looks VALUES (?, 0)").bind(id).run();
  const broken = others[0];
  const failing = (id: string) =>
    id === broken ? { ...events(id), look: () => Promise.reject(new Error("overloaded")) } : events(id);
  await watchDeliveries(env.DB, failing, Date.now());
  const { results } = await env.DB.prepare("SELECT organization_id FROM delivery_looks").all();
  expect(results).toEqual([{ organization_id: broken }]);
});

test("as many that can't be reached as are looked at keep the others waiting for a minute, not for ever", async () => {
  const ids = Array.from({ length: 11 }, (_, index) => `organization-${index}`);
  const insert = env.DB.prepare("INSERT INTO delivery_looks VALUES (?, ?)");
  await env.DB.batch(ids.map((id, index) => insert.bind(id, index)));
  const seen: string[] = [];
  const failing = (id: string) => ({
    ...events(id),
    look: () => Promise.reject(new Error(`overloaded ${seen.push(id)}`)),
  });
  await watchDeliveries(env.DB, failing, Date.now());
  expect(seen).toEqual(ids.slice(0, 10));
  await watchDeliveries(env.DB, failing, Date.now() + MINUTE_MS);
  expect(seen[10]).toBe("organization-10");
});
