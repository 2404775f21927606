import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { hashApiKey } from "#auth/api-key";
import { NO_DELIVERIES } from "#triggers/webhook/hook";
import { connectWithHook, HOOK_TOKEN, ORGANIZATION, valueOf, type HookedConnection } from "#test/support/hook-object";

/** Far ahead of the real clock, by which alarms go off: here they do when the test says so. */
const AT = Date.UTC(2096, 2, 15, 9, 30);
const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;
/** A thousand calls take seconds, on a busy machine many. */
const PATIENCE_MS = 60_000;
/** Runs for five seconds of the test's time. */
const SLOW = { shortName: "timed", config: { entity_count: 5, duration_seconds: 5 } };

const MANUAL = {
  trigger: "manual",
  forceFullSync: false,
  onConflict: "reject",
  idempotencyKey: null,
  confirmDeletes: false,
} as const;

beforeEach(() => {
  vi.useFakeTimers({ now: AT, toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Starts a job and lets it begin to read. */
async function beginJob({ object, jobs }: HookedConnection): Promise<string> {
  const { id } = valueOf(await object.run(ORGANIZATION, MANUAL));
  vi.setSystemTime(Date.now() + SECOND_MS);
  await runDurableObjectAlarm(object);
  expect(await jobs()).toMatchObject([{ id, status: "RUNNING" }]);
  return id;
}

const pause = ({ object }: HookedConnection, isPaused: boolean) => object.update(ORGANIZATION, { isPaused });

describe("a delivery", () => {
  test("starts an incremental sync, and is answered with its job", async () => {
    const connection = await connectWithHook();
    const first = valueOf(await connection.send());
    expect(first).toMatchObject({ outcome: "started", job: { status: "PENDING", trigger: "webhook", mode: "full" } });
    await connection.finish();
    const second = valueOf(await connection.send());
    expect(second).toMatchObject({ outcome: "started", job: { trigger: "webhook", mode: "incremental" } });
    await connection.finish();
    expect(await connection.jobs()).toMatchObject([
      { id: second.job?.id, status: "COMPLETED" },
      { id: first.job?.id, status: "COMPLETED" },
    ]);
  });

  test("that comes before a job has begun to read is stood for by that job", async () => {
    const connection = await connectWithHook();
    const first = valueOf(await connection.send());
    const second = valueOf(await connection.send());
    expect([second.outcome, second.job?.id]).toEqual(["started", first.job?.id]);
    await connection.finish();
    expect(await connection.jobs()).toHaveLength(1);
  });

  test("that comes while a job reads leads to one that begins to read after it", async () => {
    const connection = await connectWithHook({}, SLOW);
    const running = await beginJob(connection);
    vi.setSystemTime(Date.now() + 2 * SECOND_MS);
    const deliveredAt = Date.now();
    expect(valueOf(await connection.send())).toMatchObject({ outcome: "queued", job: { id: running } });
    await connection.finish();
    const [followUp, ...others] = await connection.jobs();
    expect(others).toMatchObject([{ id: running, status: "COMPLETED" }]);
    expect(followUp).toMatchObject({ trigger: "webhook", status: "COMPLETED", forcedFull: false });
    expect(followUp?.startedAt).toBeGreaterThan(deliveredAt);
  });

  test(
    "is one of a thousand that come at once while a job runs: exactly one job follows, after the last of them",
    { timeout: PATIENCE_MS },
    async () => {
      const connection = await connectWithHook({}, SLOW);
      const running = await beginJob(connection);
      const ids = Array.from({ length: 1_000 }, (_, index) => `delivery-${index}`);
      const outcomes = await Promise.all(ids.map((id) => connection.outcomeOf({ id })));
      expect(new Set(outcomes)).toEqual(new Set(["queued"]));
      const lastAt = Date.now();
      await connection.finish();
      const jobs = await connection.jobs();
      expect(jobs).toMatchObject([{ status: "COMPLETED", trigger: "webhook" }, { id: running }]);
      expect(jobs[0]?.startedAt).toBeGreaterThan(lastAt);
      const { counts, deliveries } = await connection.hook();
      expect(counts).toMatchObject({ queued: 1_000, started: 0 });
      expect(deliveries).toHaveLength(50);
    },
  );

  test(
    "is one of a thousand that come at once to an idle connection: one job, and at most one after it",
    { timeout: PATIENCE_MS },
    async () => {
      const connection = await connectWithHook();
      const outcomes = await Promise.all(Array.from({ length: 1_000 }, () => connection.outcomeOf()));
      expect(outcomes.every((outcome) => outcome === "started" || outcome === "queued")).toBe(true);
      await connection.finish();
      expect((await connection.jobs()).length).toBeLessThanOrEqual(2);
    },
  );
});

describe("a delivery that was sent before", () => {
  test("does nothing, also after the object was out of memory", async () => {
    const connection = await connectWithHook();
    expect(await connection.outcomeOf({ id: "a" })).toBe("started");
    await connection.finish();
    expect(await connection.outcomeOf({ id: "a" })).toBe("duplicate");
    await evictDurableObject(connection.object);
    expect(await connection.outcomeOf({ id: "a" })).toBe("duplicate");
    expect(await connection.jobs()).toHaveLength(1);
    expect(await connection.outcomeOf({ id: "b" })).toBe("started");
  });

  test("a hundred times at once starts one job", async () => {
    const connection = await connectWithHook();
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => connection.outcomeOf({ id: "a" })));
    expect(outcomes.toSorted()).toEqual([...Array.from({ length: 99 }, () => "duplicate"), "started"]);
  });

  test("counts again after a day", async () => {
    const connection = await connectWithHook();
    await connection.outcomeOf({ id: "a" });
    await connection.finish();
    vi.setSystemTime(AT + DAY_MS - 1);
    expect(await connection.outcomeOf({ id: "a" })).toBe("duplicate");
    vi.setSystemTime(AT + DAY_MS + 1);
    expect(await connection.outcomeOf({ id: "a" })).toBe("started");
  });
});

test("deliveries with an outcome of a later release stay counted after going back, and the next are listed before the others", async () => {
  const connection = await connectWithHook();
  await connection.outcomeOf({ id: "a" });
  await runInDurableObject(connection.object, (_object: unknown, { storage }) => {
    const counts = { started: 1, postponed: 1 };
    storage.sql.exec("UPDATE documents SET value = ? WHERE key = 'hook_counts'", JSON.stringify(counts));
    storage.sql.exec("INSERT INTO hook_deliveries VALUES (1, 1, ?, 'postponed', NULL, 'b', NULL)", AT);
  });
  await evictDurableObject(connection.object);
  expect(await connection.outcomeOf({ id: "a" })).toBe("duplicate");

  const { counts, deliveries } = await connection.hook();
  expect(counts).toEqual({ ...NO_DELIVERIES, started: 1, duplicate: 1 });
  expect(deliveries.map(({ outcome }) => outcome)).toEqual(["duplicate", "started"]);
  const stored = await runInDurableObject(connection.object, (_object: unknown, { storage }) =>
    storage.sql.exec("SELECT slot, outcome FROM hook_deliveries ORDER BY slot").toArray(),
  );
  expect(stored.map(({ outcome }) => outcome)).toEqual(["started", "postponed", "duplicate"]);
});

describe("deliveries to a paused connection", () => {
  const REFUSING = { shortName: "exception_stub", config: { exception_type: "source_auth_error", trigger_after: 0 } };

  test("are accepted, start nothing, and lead to one sync once it is resumed", async () => {
    const connection = await connectWithHook();
    valueOf(await pause(connection, true));
    expect(await connection.outcomeOf({ id: "a" })).toBe("held");
    expect(await connection.outcomeOf({ id: "a" })).toBe("duplicate");
    expect(await connection.outcomeOf({ id: "b" })).toBe("held");
    expect(await connection.hook()).toMatchObject({ waitingUntil: null, counts: { held: 2 } });
    vi.setSystemTime(Date.now() + DAY_MS);
    await evictDurableObject(connection.object);
    await runDurableObjectAlarm(connection.object);
    expect(await connection.jobs()).toEqual([]);

    valueOf(await pause(connection, false));
    expect(await connection.alarmAt()).toBeLessThan(Date.now() + SECOND_MS);
    await runDurableObjectAlarm(connection.object);
    await connection.finish();
    expect(await connection.jobs()).toMatchObject([{ trigger: "webhook", status: "COMPLETED" }]);
  });

  test("that a condition does not hold for are not", async () => {
    const connection = await connectWithHook({ condition: "action == 'opened'" });
    valueOf(await pause(connection, true));
    expect(await connection.outcomeOf({ body: '{"action":"closed"}' })).toBe("filtered");
    valueOf(await pause(connection, false));
    await runDurableObjectAlarm(connection.object);
    expect(await connection.jobs()).toEqual([]);
  });

  test("lead to one sync where its credentials were refused and are replaced", async () => {
    const connection = await connectWithHook({}, REFUSING);
    await connection.outcomeOf({ id: "first" });
    await connection.finish();
    expect(await connection.outcomeOf({ id: "a" })).toBe("held");
    expect(await connection.outcomeOf({ id: "b" })).toBe("held");
    expect(await connection.jobs()).toHaveLength(1);
    vi.setSystemTime(Date.now() + SECOND_MS);
    valueOf(await connection.object.update(ORGANIZATION, { credentials: { stub_key: "new" } }));
    await runDurableObjectAlarm(connection.object);
    expect((await connection.jobs()).map(({ trigger }) => trigger)).toEqual(["webhook", "webhook"]);
  });

  test("are not made up for by new credentials where its owner paused it", async () => {
    const connection = await connectWithHook({}, REFUSING);
    await connection.outcomeOf();
    await connection.finish();
    valueOf(await pause(connection, true));
    expect(await connection.outcomeOf()).toBe("held");
    vi.setSystemTime(Date.now() + SECOND_MS);
    valueOf(await connection.object.update(ORGANIZATION, { credentials: { stub_key: "new" } }));
    expect(await connection.jobs()).toHaveLength(1);
    expect(await connection.outcomeOf()).toBe("held");
  });

  test("keep their sync when the address is taken away", async () => {
    const connection = await connectWithHook();
    valueOf(await pause(connection, true));
    await connection.send();
    valueOf(await connection.object.removeHook(ORGANIZATION));
    expect(await connection.jobs()).toEqual([]);
    valueOf(await pause(connection, false));
    await runDurableObjectAlarm(connection.object);
    expect(await connection.jobs()).toMatchObject([{ trigger: "webhook" }]);
  });

  test("that debounced ones had come before it was paused wait as well", async () => {
    const connection = await connectWithHook({ debounceSeconds: 60 });
    await connection.send();
    valueOf(await pause(connection, true));
    vi.setSystemTime(AT + 120 * SECOND_MS);
    await runDurableObjectAlarm(connection.object);
    expect(await connection.jobs()).toEqual([]);
    valueOf(await pause(connection, false));
    await runDurableObjectAlarm(connection.object);
    expect(await connection.jobs()).toHaveLength(1);
  });
});

describe("debounced deliveries", () => {
  test("start one sync when it has been quiet for long enough, also when the object was out of memory", async () => {
    const connection = await connectWithHook({ debounceSeconds: 30 });
    expect(await connection.outcomeOf()).toBe("debounced");
    vi.setSystemTime(AT + 20 * SECOND_MS);
    await evictDurableObject(connection.object);
    expect(await connection.outcomeOf()).toBe("debounced");
    expect(await connection.jobs()).toEqual([]);
    await evictDurableObject(connection.object);

    vi.setSystemTime(AT + 30 * SECOND_MS);
    await runDurableObjectAlarm(connection.object);
    expect(await connection.jobs()).toEqual([]);
    expect(await connection.alarmAt()).toBeLessThanOrEqual(AT + 50 * SECOND_MS);
    expect((await connection.hook()).waitingUntil).toBe(AT + 50 * SECOND_MS);

    await evictDurableObject(connection.object);
    vi.setSystemTime(AT + 50 * SECOND_MS);
    await runDurableObjectAlarm(connection.object);
    expect(await connection.jobs()).toMatchObject([{ trigger: "webhook", status: "PENDING" }]);
    await connection.finish();
    expect(await connection.jobs()).toHaveLength(1);
    expect((await connection.hook()).waitingUntil).toBeNull();
  });

  test("that never stop coming are not put off for ever", async () => {
    const connection = await connectWithHook({ debounceSeconds: 10 });
    for (let second = 0; second < 100; second += 5) {
      vi.setSystemTime(AT + second * SECOND_MS);
      await connection.send();
      expect(await connection.jobs()).toEqual([]);
    }
    expect(await connection.alarmAt()).toBeLessThanOrEqual(AT + 100 * SECOND_MS);
    vi.setSystemTime(AT + 100 * SECOND_MS);
    await runDurableObjectAlarm(connection.object);
    expect(await connection.jobs()).toHaveLength(1);
  });

  test("whose time comes while a job reads lead to one that begins after it", async () => {
    const connection = await connectWithHook({ debounceSeconds: 2 }, SLOW);
    const running = await beginJob(connection);
    expect(await connection.outcomeOf()).toBe("debounced");
    const deliveredAt = Date.now();
    vi.setSystemTime(Date.now() + 2 * SECOND_MS);
    await runDurableObjectAlarm(connection.object);
    await connection.finish();
    const [followUp, ...others] = await connection.jobs();
    expect(others).toMatchObject([{ id: running }]);
    expect(followUp?.startedAt).toBeGreaterThan(deliveredAt);
  });

  test("wait for credentials where those are refused, without an alarm that goes off again and again", async () => {
    const failing = { shortName: "exception_stub", config: { exception_type: "source_auth_error", trigger_after: 0 } };
    const connection = await connectWithHook({ debounceSeconds: 60 }, failing);
    expect(await connection.outcomeOf()).toBe("debounced");
    valueOf(await connection.object.run(ORGANIZATION, MANUAL));
    await connection.finish();
    vi.setSystemTime(AT + 120 * SECOND_MS);
    await runDurableObjectAlarm(connection.object);
    expect(await connection.jobs()).toHaveLength(1);
    expect((await connection.hook()).waitingUntil).toBeNull();
    valueOf(await connection.object.update(ORGANIZATION, { credentials: { stub_key: "new" } }));
    expect(await connection.alarmAt()).toBeLessThan(Date.now() + SECOND_MS);
    await runDurableObjectAlarm(connection.object);
    expect(await connection.jobs()).toHaveLength(2);
  });

  test("are known to D1 with when their sync is due, which is told again at most once a minute", async () => {
    const connection = await connectWithHook({ debounceSeconds: 30 });
    const wakeInD1 = () =>
      env.DB.prepare("SELECT wake_at FROM source_connections WHERE id = ?").bind(connection.id).first("wake_at");
    expect(await wakeInD1()).toBeNull();
    await connection.send();
    await expect.poll(wakeInD1).toBe(AT + 30 * SECOND_MS);
    const version = () =>
      env.DB.prepare("SELECT version FROM source_connections WHERE id = ?").bind(connection.id).first("version");
    const before = await version();
    for (let second = 1; second < 60; second += 1) {
      vi.setSystemTime(AT + second * SECOND_MS);
      await connection.send();
    }
    expect(await version()).toBe(before);
    vi.setSystemTime(AT + 60 * SECOND_MS);
    await connection.send();
    await expect.poll(wakeInD1).toBe(AT + 90 * SECOND_MS);
    vi.setSystemTime(AT + 90 * SECOND_MS);
    await runDurableObjectAlarm(connection.object);
    await expect.poll(wakeInD1).toBeNull();
  });

  test("get their sync when the address is taken away before it is due", async () => {
    const connection = await connectWithHook({ debounceSeconds: 3_600 });
    await connection.send();
    valueOf(await connection.object.removeHook(ORGANIZATION));
    expect(await connection.jobs()).toMatchObject([{ trigger: "webhook" }]);
    expect(await connection.alarmAt()).toBeLessThan(AT + SECOND_MS);
  });
});

describe("a condition", () => {
  const opened = { condition: "action == 'opened'" };

  test("lets start what it is true of, and says what it was not", async () => {
    const connection = await connectWithHook(opened);
    expect(await connection.outcomeOf({ body: '{"action":"closed"}' })).toBe("filtered");
    expect(await connection.outcomeOf({ body: "not json" })).toBe("filtered");
    expect(await connection.jobs()).toEqual([]);
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const form = new URLSearchParams({ payload: '{"action":"opened"}' }).toString();
    expect(await connection.outcomeOf({ body: form, headers })).toBe("started");
    expect((await connection.hook()).deliveries.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ["started", null],
      ["filtered", "The body is not JSON, so the condition cannot hold."],
      ["filtered", "The condition does not hold."],
    ]);
  });
});

describe("a delivery that proves nothing", () => {
  const signed = { verification: { scheme: "gitlab" }, deliveryIdHeader: null } as const;

  test("is refused, starts nothing, and is counted where the owner sees it", async () => {
    const connection = await connectWithHook(signed, { secrets: ["right"] });
    expect(await connection.outcomeOf({ headers: { "x-gitlab-token": "wrong" } })).toBe("signature_invalid");
    expect(await connection.outcomeOf()).toBe("signature_invalid");
    expect(await connection.outcomeOf({ tooLarge: true })).toBe("body_too_large");
    expect(await connection.jobs()).toEqual([]);
    const { counts, deliveries } = await connection.hook();
    expect(counts.refused).toBe(3);
    expect(deliveries.map(({ outcome, reason }) => [outcome, reason?.slice(0, 20)])).toEqual([
      ["refused", "The body is too larg"],
      ["refused", "The header X-Gitlab-"],
      ["refused", "The token in X-Gitla"],
    ]);
    expect(await connection.outcomeOf({ headers: { "x-gitlab-token": "right" } })).toBe("started");
  });

  test("with a token that is not the one is told that there is nothing, and leaves no trace", async () => {
    const connection = await connectWithHook(signed, { secrets: ["right"] });
    const usage = await connection.object.storageUsage();
    expect(await connection.outcomeOf({ token: "guessed", headers: { "x-gitlab-token": "right" } })).toBe("not_found");
    expect((await connection.object.storageUsage()).rowsWritten).toBe(usage.rowsWritten);
    expect((await connection.hook()).counts.refused).toBe(0);
  });

  test("to an object that does not exist brings none into being", async () => {
    const stranger = env.SOURCE_CONNECTION.getByName(crypto.randomUUID());
    const body = new Uint8Array(2);
    const reply = await stranger.receiveHook({ tokenHash: await hashApiKey(HOOK_TOKEN), headers: {}, body });
    expect(reply).toMatchObject({ ok: false, refusal: { code: "not_found" } });
    expect(await stranger.storageUsage()).toMatchObject({ rowsWritten: 0 });
  });

  test("to a deleted connection is told that there is nothing", async () => {
    const connection = await connectWithHook();
    valueOf(await connection.object.erase(ORGANIZATION));
    expect(await connection.outcomeOf()).toBe("not_found");
  });
});

describe("an address", () => {
  test("is replaced at once by another, or after an overlap", async () => {
    const connection = await connectWithHook();
    const rotate = async (token: string, overlapMs: number) =>
      valueOf(await connection.object.rotateHook(ORGANIZATION, { tokenHash: await hashApiKey(token), overlapMs }));
    await rotate("second", 10 * SECOND_MS);
    expect(await connection.outcomeOf()).toBe("started");
    expect(await connection.outcomeOf({ token: "second" })).toBe("started");
    vi.setSystemTime(AT + 10 * SECOND_MS);
    expect(await connection.outcomeOf()).toBe("not_found");
    await rotate("third", 0);
    expect(await connection.outcomeOf({ token: "second" })).toBe("not_found");
    expect(await connection.outcomeOf({ token: "third" })).toBe("started");
  });

  test("that is replaced twice by the same call is replaced once: the token before it is still accepted", async () => {
    const connection = await connectWithHook();
    const token = { tokenHash: await hashApiKey("second"), overlapMs: 10 * SECOND_MS };
    valueOf(await connection.object.rotateHook(ORGANIZATION, token));
    valueOf(await connection.object.rotateHook(ORGANIZATION, token));
    expect(await connection.outcomeOf()).toBe("started");
  });

  test("that is deleted with its connection before a run is due starts none, though D1 has yet to hear of it", async () => {
    const { object, outcomeOf } = await connectWithHook({ debounceSeconds: 10 });
    expect(await outcomeOf()).toBe("debounced");
    await env.DB.exec("ALTER TABLE source_connections RENAME TO source_connections_away");
    try {
      valueOf(await object.erase(ORGANIZATION));
      vi.setSystemTime(AT + 20 * SECOND_MS);
      await runDurableObjectAlarm(object);
      const jobs = await runInDurableObject(object, (_object, { storage }) =>
        storage.sql.exec("SELECT id FROM jobs").toArray(),
      );
      expect(jobs).toEqual([]);
    } finally {
      await env.DB.exec("ALTER TABLE source_connections_away RENAME TO source_connections");
    }
  });

  test("that is made twice by the same call is one; another is refused", async () => {
    const connection = await connectWithHook();
    const settings = (await connection.hook()).settings;
    const make = async (token: string) =>
      connection.object.createHook(ORGANIZATION, { tokenHash: await hashApiKey(token), settings, secrets: [] });
    expect(await make(HOOK_TOKEN)).toMatchObject({ ok: true });
    expect(await make("another")).toMatchObject({ ok: false, refusal: { code: "conflict" } });
  });

  test("answers a challenge even when its connection could not sync", async () => {
    const connection = await connectWithHook({ verification: { scheme: "slack" } }, { secrets: ["s"] });
    const body = '{"type":"url_verification","challenge":"abc"}';
    const timestamp = String(AT / 1000);
    const signature = await hmacHex("s", `v0:${timestamp}:${body}`);
    const headers = { "x-slack-signature": `v0=${signature}`, "x-slack-request-timestamp": timestamp };
    expect(valueOf(await connection.send({ body, headers }))).toMatchObject({ outcome: "challenge", challenge: "abc" });
    expect(await connection.jobs()).toEqual([]);
  });
});

async function hmacHex(secret: string, text: string): Promise<string> {
  const parameters = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(secret), parameters, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(text))).toHex();
}
