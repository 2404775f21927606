import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { Webhook } from "standardwebhooks";
import { describe, expect, test } from "vitest";

import { readConfig } from "#config";
import { EVENT_TYPES } from "#core/event";
import { DISABLE_AFTER_MS, NEW_STANDING, switched } from "#core/subscription";
import { EventDelivery } from "#events/object";
import { MessageStore } from "#events/message-store";
import { MIGRATIONS } from "#events/schema";
import { SubscriptionStore } from "#events/subscription-store";
import { applyMigrations, hasTables } from "#storage/migrations";
import { Sql } from "#storage/sql";
import { AT, HOUR_MS } from "#test/support/builders";
import { withSql } from "#test/support/connection";
import { aCollectionEvent, aSyncEvent, withDeliveries, type DeliveryWorld } from "#test/support/deliveries";

const DAY_MS = 24 * HOUR_MS;
const down = () => new Response("down", { status: 500 });

async function describeFirst({ deliveries }: DeliveryWorld) {
  const [first] = deliveries.subscriptions.list();
  if (first === undefined) throw new Error("There is no subscription.");
  return first;
}

describe("an event", () => {
  test("that is published twice is one message, delivered once", () =>
    withDeliveries(async (world) => {
      await world.subscribe();
      const event = aSyncEvent();
      await world.publish(event);
      await world.publish(event, event);
      expect(world.types()).toEqual(["sync.completed"]);
    }));

  test("goes to whoever asked for its type, and to nobody else", () =>
    withDeliveries(async (world) => {
      await world.subscribe("https://all.example/");
      await world.subscribe("https://failures.example/", ["sync.failed"]);
      await world.publish(aSyncEvent("COMPLETED"), aSyncEvent("FAILED", AT, "job-2"), aCollectionEvent());
      expect(world.received.map(({ url, type }) => `${url} ${type}`).toSorted()).toEqual([
        "https://all.example/ collection.created",
        "https://all.example/ sync.completed",
        "https://all.example/ sync.failed",
        "https://failures.example/ sync.failed",
      ]);
    }));

  test("is kept for those who come later, though nobody is subscribed", () =>
    withDeliveries(async (world) => {
      await world.publish(aSyncEvent());
      const reply = world.deliveries.messages({ types: null, limit: 10, cursor: null });
      expect(reply).toMatchObject({ ok: true, value: { messages: [{ type: "sync.completed" }], nextCursor: null } });
    }));

  test("carries the id and the name of its collection, which the connection does not know", () =>
    withDeliveries(async (world) => {
      await world.subscribe();
      await world.publish({ ...aCollectionEvent(), orderKey: "things" });
      const sync = aSyncEvent();
      await world.publish({ ...sync, payload: { ...sync.payload, collection_readable_id: "things" } });
      expect(JSON.parse(world.received[1]?.body ?? "")).toMatchObject({ collection_name: "Things" });
    }));
});

describe("a delivery", () => {
  test("that Cloudflare's network answers in the receiver's stead has failed, and says why", () =>
    withDeliveries(async (world) => {
      await world.subscribe();
      world.answer = () => new Response("error code: 526", { status: 526 });
      await world.publish(aSyncEvent());
      const { id } = await describeFirst(world);
      const attempt = { isSuccess: false, statusCode: 526, error: expect.stringContaining("certificate") };
      expect(await world.deliveries.subscriptions.describe(id, { includeSecret: false })).toMatchObject({
        value: { attempts: [attempt] },
      });
    }));

  test("is signed under both names, over the body that is sent", () =>
    withDeliveries(async (world) => {
      const { secret } = await world.subscribe();
      world.now = Date.now();
      await world.publish(aSyncEvent("COMPLETED", world.now));
      const [{ headers, body } = { headers: new Headers(), body: "" }] = world.received;
      expect(new Webhook(secret ?? "").verify(body, Object.fromEntries(headers))).toMatchObject({
        event_type: "sync.completed",
      });
      for (const part of ["id", "timestamp", "signature"]) {
        expect(headers.get(`svix-${part}`)).toBe(headers.get(`webhook-${part}`));
      }
    }));

  test("that fails is made again at 5 s, 5 min, 30 min, 2 h, 5 h, 10 h and 10 h, and then given up", () =>
    withDeliveries(async (world) => {
      await world.subscribe();
      const at: number[] = [];
      world.answer = () => {
        at.push(world.now);
        return down();
      };
      await world.publish(aSyncEvent());
      await world.passUntil(AT + 3 * DAY_MS);
      const minutes = at.slice(1).map((time, index) => Math.round((time - (at[index] ?? 0)) / 1000));
      expect(minutes).toEqual([5, 300, 1_800, 7_200, 18_000, 36_000, 36_000]);
      expect(await describeFirst(world)).toMatchObject({ health: "failing", disabled: false });
    }));

  test("waits for as long as the receiver asks", () =>
    withDeliveries(async (world) => {
      await world.subscribe();
      world.answer = () => new Response(null, { status: 429, headers: { "retry-after": "120" } });
      await world.publish(aSyncEvent());
      world.answer = () => new Response();
      await world.passUntil(AT + 119_000);
      expect(world.received.length).toBe(1);
      await world.passUntil(AT + 121_000);
      expect(world.received.length).toBe(2);
    }));

  test.each([301, 302, 400, 404, 500, 503])("is not taken by a receiver that answers %i", (status) =>
    withDeliveries(async (world) => {
      await world.subscribe();
      world.answer = () => new Response(null, { status, headers: { location: "https://elsewhere.example/" } });
      await world.publish(aSyncEvent());
      world.answer = () => new Response(null, { status: 204 });
      await world.passUntil(AT + 10_000);
      expect(world.received.map(({ url }) => url)).toEqual(Array(2).fill("https://receiver.example/hook"));
    }),
  );

  test("that was under way when the object died is made again", () =>
    withDeliveries(async (world) => {
      await world.subscribe();
      const { promise: never } = Promise.withResolvers<Response>();
      world.answer = () => never;
      await world.deliveries.publish("any", [aSyncEvent()]);
      world.reopen();
      world.answer = () => new Response();
      await world.passUntil(AT + 1_000);
      expect(new Set(world.received.map(({ headers }) => headers.get("webhook-id"))).size).toBe(1);
      expect(world.received.length).toBe(2);
    }));

  test("is shown with the answer's beginning, by message and by subscription", () =>
    withDeliveries(async (world) => {
      const { id } = await world.subscribe();
      world.answer = () => new Response("x".repeat(5_000), { status: 418 });
      const event = aSyncEvent();
      await world.publish(event);
      const message = world.deliveries.message(event.id, { includeAttempts: true });
      const attempt = { statusCode: 418, isSuccess: false, response: "x".repeat(1_000), subscriptionId: id };
      expect(message).toMatchObject({ value: { attempts: [attempt] } });
      const subscription = await world.deliveries.subscriptions.describe(id, { includeSecret: false });
      expect(subscription).toMatchObject({ value: { attempts: [attempt], secret: null } });
    }));
});

describe("order", () => {
  test("is kept within a job, one event after another", () =>
    withDeliveries(async (world) => {
      await world.subscribe();
      let [underWay, most] = [0, 0];
      world.answer = async () => {
        underWay += 1;
        most = Math.max(most, underWay);
        await Promise.resolve();
        underWay -= 1;
        return new Response();
      };
      await world.publish(
        aSyncEvent("PENDING"),
        aSyncEvent("RUNNING"),
        aSyncEvent("CANCELLING"),
        aSyncEvent("CANCELLED"),
      );
      expect(world.types()).toEqual(["sync.pending", "sync.running", "sync.cancelling", "sync.cancelled"]);
      expect(most).toBe(1);
    }));

  test("is kept over a hiccup, while other jobs go on", () =>
    withDeliveries(async (world) => {
      await world.subscribe();
      world.answer = ({ type }) => (type === "sync.pending" && world.received.length === 1 ? down() : new Response());
      await world.publish(aSyncEvent("PENDING"), aSyncEvent("RUNNING"), aSyncEvent("PENDING", AT, "job-2"));
      await world.publish(aSyncEvent("COMPLETED"));
      expect(world.received.map(({ jobId }) => jobId)).toEqual(["job-1", "job-2"]);
      await world.passUntil(AT + 10_000);
      const first = world.received.filter(({ jobId }) => jobId === "job-1").map(({ type }) => type);
      expect(first).toEqual(["sync.pending", "sync.pending", "sync.running", "sync.completed"]);
    }));

  test("is given up for an event that its receiver never takes", () =>
    withDeliveries(async (world) => {
      await world.subscribe();
      world.answer = ({ type }) => (type === "sync.pending" ? down() : new Response());
      await world.publish(aSyncEvent("PENDING"), aSyncEvent("COMPLETED"));
      await world.passUntil(AT + 10_000);
      expect(world.types()).toEqual(["sync.pending", "sync.pending", "sync.completed"]);
    }));
});

test("a receiver that hangs delays no other, and takes one request at a time once it is known", () =>
  withDeliveries(async (world) => {
    await world.subscribe("https://hangs.example/");
    await world.subscribe("https://quick.example/");
    const hanging: ((response: Response) => void)[] = [];
    let quick = 0;
    const { promise: allQuick, resolve: allAreQuick } = Promise.withResolvers<void>();
    world.answer = ({ url }) => {
      if (url !== "https://hangs.example/") {
        quick += 1;
        if (quick === 30) allAreQuick();
        return new Response();
      }
      const { promise, resolve } = Promise.withResolvers<Response>();
      hanging.push(resolve);
      return promise;
    };
    const events = Array.from({ length: 30 }, (_, index) => aSyncEvent("COMPLETED", AT, `job-${index}`));
    await world.deliveries.publish("any", events);
    await allQuick;
    expect(hanging.length).toBe(1);
    hanging[0]?.(new Response());
  }));

test("a receiver that hangs delays no other's retries", () =>
  withDeliveries(async (world) => {
    await world.subscribe("https://hangs.example/", ["sync.pending"]);
    await world.subscribe("https://fails.example/", ["sync.pending", "sync.failed"]);
    const { promise: never, resolve: end } = Promise.withResolvers<Response>();
    world.answer = ({ url }) => (url === "https://hangs.example/" ? never : down());
    const failures = () => world.received.filter(({ url }) => url === "https://fails.example/").length;
    await world.deliveries.publish("any", [aSyncEvent("PENDING", AT, "job-1")]);
    await expect.poll(failures).toBe(1);
    await expect.poll(() => world.alarmAt).toBe(AT + 5_000);
    world.now = AT + 1_000;
    await world.deliveries.publish("any", [aSyncEvent("FAILED", AT, "job-2")]);
    await expect.poll(failures).toBe(2);
    world.goOff();
    await expect.poll(failures).toBe(3);
    await expect.poll(() => world.alarmAt).toBe(AT + 6_000);
    world.goOff();
    await expect.poll(failures).toBe(4);
    end(new Response());
  }));

describe("a subscription", () => {
  test("is disabled after five days of nothing but failures, says why, and is told nothing more", () =>
    withDeliveries(async (world) => {
      await world.subscribe();
      world.answer = down;
      for (let day = 0; day * DAY_MS <= DISABLE_AFTER_MS; day += 1) {
        expect(await describeFirst(world)).toMatchObject({ disabled: false, disabledReason: null });
        await world.publish(aSyncEvent("FAILED", world.now, `job-${day}`));
        await world.passUntil(AT + (day + 1) * DAY_MS);
      }
      expect(await describeFirst(world)).toMatchObject({
        disabled: true,
        disabledReason: expect.stringContaining("5 days"),
      });
      const before = world.received.length;
      await world.publish(aSyncEvent("FAILED", world.now, "job-z"));
      await world.passUntil(world.now + 3 * DAY_MS);
      expect(world.received.length).toBe(before);
    }));

  test("is as the disk has it after a commit that the disk refused", () =>
    withSql((sql) => {
      applyMigrations(sql, MIGRATIONS);
      const store = new SubscriptionStore(sql);
      const sealed = { keyId: "k1", wrapIv: "", wrappedKey: "", iv: "", ciphertext: "" };
      const subscription = {
        id: "s1",
        url: "https://receiver.example/hook",
        filterTypes: [...EVENT_TYPES],
        secret: sealed,
        oldSecrets: [],
        standing: NEW_STANDING,
        createdAt: AT,
        updatedAt: AT,
      };
      store.write(subscription);
      const refused = (change: () => void) => () =>
        sql.transaction(() => {
          change();
          throw new Error("The disk is full.");
        });
      const disabled = { ...subscription, standing: switched(NEW_STANDING, true) };
      expect(refused(() => store.write(disabled))).toThrow("full");
      expect(store.all()).toEqual([subscription]);
      expect(refused(() => store.remove("s1"))).toThrow("full");
      expect(store.read("s1")).toEqual(subscription);
    }));

  test("is disabled at once by 410 Gone", () =>
    withDeliveries(async (world) => {
      await world.subscribe();
      world.answer = () => new Response(null, { status: 410 });
      await world.publish(aSyncEvent("PENDING"), aSyncEvent("RUNNING"));
      expect(world.received.length).toBe(1);
      expect(await describeFirst(world)).toMatchObject({ disabled: true });
    }));

  test("that is disabled by 410 Gone while its new address is tried stays so, as nobody has switched it on", () =>
    withDeliveries(async (world) => {
      const { id } = await world.subscribe();
      world.answer = () => new Response(null, { status: 410 });
      world.whileTried = () => world.publish(aSyncEvent());
      const amended = await world.deliveries.subscriptions.amend(id, { url: "https://moved.example/hook" });
      expect(amended).toMatchObject({ value: { url: "https://moved.example/hook", disabled: true } });
    }));

  test("that was disabled catches up with everything since, each once, when it is enabled again", () =>
    withDeliveries(async (world) => {
      const { id } = await world.subscribe();
      await world.publish(aSyncEvent("PENDING"));
      await world.deliveries.subscriptions.amend(id, { disabled: true });
      await world.publish(aSyncEvent("RUNNING"), aSyncEvent("COMPLETED"));
      expect(world.types()).toEqual(["sync.pending"]);
      await world.deliveries.subscriptions.amend(id, { disabled: false, recoverSince: AT - HOUR_MS });
      await world.deliveries.courier.idle();
      expect(world.types()).toEqual(["sync.pending", "sync.running", "sync.completed"]);
    }));

  test("recovers what failed in a stretch of time, at once, and nothing outside of it", () =>
    withDeliveries(async (world) => {
      const { id } = await world.subscribe();
      world.answer = down;
      for (const hour of [0, 1, 2]) await world.publish(aSyncEvent("COMPLETED", AT + hour * HOUR_MS, `job-${hour}`));
      world.answer = () => new Response();
      world.received.length = 0;
      const range = { since: AT + HOUR_MS, until: AT + 2 * HOUR_MS };
      expect(world.deliveries.subscriptions.recover(id, range)).toEqual({ ok: true, value: 1 });
      await world.deliveries.courier.idle();
      expect(world.received.map(({ jobId }) => jobId)).toEqual(["job-1"]);
      expect(world.deliveries.subscriptions.recover(id, range)).toEqual({ ok: true, value: 0 });
    }));

  test("recovers what it wants and has not taken itself, whatever others have taken", () =>
    withDeliveries(async (world) => {
      const { id } = await world.subscribe("https://down.example/", ["sync.completed"]);
      await world.subscribe("https://up.example/");
      world.answer = ({ url }) => (url.includes("down") ? down() : new Response());
      await world.publish(aSyncEvent("RUNNING"), aSyncEvent("COMPLETED"));
      world.answer = () => new Response();
      world.received.length = 0;
      expect(world.deliveries.subscriptions.recover(id, { since: AT - HOUR_MS, until: null })).toMatchObject({
        value: 1,
      });
      await world.deliveries.courier.idle();
      expect(world.received.map(({ url, type }) => `${url} ${type}`)).toEqual(["https://down.example/ sync.completed"]);
    }));

  test("that was deleted leaves nothing in the queue", () =>
    withDeliveries(async (world) => {
      const { id } = await world.subscribe();
      world.answer = down;
      await world.publish(aSyncEvent());
      expect(world.rowsIn("queue")).toBe(1);
      world.deliveries.subscriptions.remove(id);
      expect(world.rowsIn("queue")).toBe(0);
    }));

  test("signs with the old secret too for a day after a rotation", () =>
    withDeliveries(async (world) => {
      const { id, secret: old } = await world.subscribe();
      world.now = Date.now();
      await world.deliveries.subscriptions.rotateSecret(id, null);
      const reply = await world.deliveries.subscriptions.describe(id, { includeSecret: true });
      const fresh = reply.ok ? reply.value.secret : null;
      expect(fresh).not.toBe(old);
      await world.publish(aSyncEvent("PENDING", world.now));
      const [{ headers, body } = { headers: new Headers(), body: "" }] = world.received;
      for (const secret of [old, fresh]) new Webhook(secret ?? "").verify(body, Object.fromEntries(headers));
      world.now += DAY_MS;
      await world.publish(aSyncEvent("RUNNING", world.now));
      expect(headers.get("webhook-signature")?.split(" ").length).toBe(2);
      expect(world.received[1]?.headers.get("webhook-signature")?.split(" ").length).toBe(1);
    }));

  test("needs an old encryption key no more once something was delivered with a new one", () =>
    withDeliveries(async (world) => {
      const { id, secret: first } = await world.subscribe();
      world.now = Date.now();
      await world.deliveries.subscriptions.rotateSecret(id, null);
      const old = readConfig(env).SLUICE_ENCRYPTION_KEYS.map((key) => `${key.id}:${key.secret}`);
      const newest = `k2:${btoa("1".repeat(32))}`;
      world.reopen({ SLUICE_ENCRYPTION_KEYS: [newest, ...old].join(",") });
      await world.publish(aSyncEvent("PENDING", world.now));
      world.reopen({ SLUICE_ENCRYPTION_KEYS: newest });
      await world.publish(aSyncEvent("RUNNING", world.now));

      const reply = await world.deliveries.subscriptions.describe(id, { includeSecret: true });
      const second = reply.ok ? reply.value.secret : null;
      const { headers, body } = world.received[1] ?? { headers: new Headers(), body: "" };
      for (const secret of [first, second]) new Webhook(secret ?? "").verify(body, Object.fromEntries(headers));
      expect(second).not.toBe(first);
    }));

  test("that was deleted is told nothing more, also not what was waiting", () =>
    withDeliveries(async (world) => {
      const { id } = await world.subscribe();
      world.answer = down;
      await world.publish(aSyncEvent());
      world.deliveries.subscriptions.remove(id);
      await world.passUntil(AT + DAY_MS);
      expect(world.received.length).toBe(1);
      expect(world.deliveries.subscriptions.list()).toEqual([]);
    }));
});

describe("a private address", () => {
  const inside = "http://169.254.169.254/latest/meta-data";

  test("is not subscribed, nor called to see whether it is there, and leaves no tables", () =>
    runInDurableObject(env.EVENT_DELIVERY.getByName(crypto.randomUUID()), async (_object, state) => {
      const called: string[] = [];
      const around = {
        now: () => AT,
        random: () => 0,
        newId: () => crypto.randomUUID(),
        fetch: async (url: string) => {
          called.push(url);
          return new Response();
        },
      };
      const strict = { ...env, ALLOW_PRIVATE_UPSTREAMS: "false" };
      const object = new EventDelivery(state, strict, around);
      const input = { id: crypto.randomUUID(), url: inside, filterTypes: EVENT_TYPES, secret: null };
      expect(await object.subscribe(input)).toMatchObject({
        ok: false,
        refusal: { code: "invalid", issues: [{ loc: ["body", "url"] }] },
      });
      expect(called).toEqual([]);
      expect(hasTables(new Sql(state.storage))).toBe(false);
    }));

  test("that was permitted once is not called any more", () =>
    withDeliveries(async (world) => {
      const { id } = await world.subscribe(inside);
      world.reopen({ ALLOW_PRIVATE_UPSTREAMS: "false" });
      await world.publish(aSyncEvent());
      expect(world.received).toEqual([]);
      const reply = await world.deliveries.subscriptions.describe(id, { includeSecret: false });
      expect(reply).toMatchObject({ value: { attempts: [{ error: expect.stringContaining("private") }] } });
    }));
});

test("messages and attempts are kept for 14 days, and nothing is left of them then", () =>
  withDeliveries(async (world) => {
    const { id } = await world.subscribe();
    const event = aSyncEvent();
    world.answer = down;
    await world.publish(event);
    await world.deliveries.subscriptions.amend(id, { disabled: true });
    await world.passUntil(AT + 14 * DAY_MS - 1);
    expect(world.deliveries.message(event.id, { includeAttempts: true })).toMatchObject({ value: { attempts: [{}] } });
    await world.passUntil(AT + 15 * DAY_MS + 1);
    expect(world.deliveries.message(event.id, { includeAttempts: true })).toMatchObject({ ok: false });
    for (const table of ["queue", "messages", "attempts"] as const)
      expect([table, world.rowsIn(table)]).toEqual([table, 0]);
  }));

test("a page of a rare type leads on where it has looked through ten thousand messages, though it is empty", () =>
  withSql((sql) => {
    applyMigrations(sql, MIGRATIONS);
    sql.run(
      `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 10001)
       INSERT INTO messages (id, type, at, order_key, body)
       SELECT printf('%08d', n), CASE n WHEN 1 THEN 'sync.failed' ELSE 'sync.completed' END, n, '', '{}' FROM numbers`,
    );
    const store = new MessageStore(sql);
    const wanted = { types: ["sync.failed" as const], limit: 10 };
    const first = store.list({ ...wanted, before: null });
    expect(first).toEqual({ messages: [], next: "00000002" });
    expect(store.list({ ...wanted, before: first.next })).toMatchObject({ messages: [{ id: "00000001" }], next: null });
  }));

test("what an invocation may request is not exceeded, and the next one goes on", () =>
  withDeliveries(async (world) => {
    await world.subscribe();
    const events = Array.from({ length: 100 }, (_, index) => aSyncEvent("COMPLETED", AT, `job-${index}`));
    await world.publish(...events);
    expect(world.received.length).toBe(40);
    await world.passUntil(AT + 1_000);
    expect(new Set(world.received.map(({ jobId }) => jobId)).size).toBe(100);
    expect(world.received.length).toBe(100);
  }));
