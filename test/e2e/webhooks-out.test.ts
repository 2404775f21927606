import { randomInt } from "node:crypto";
import type { ServerResponse } from "node:http";

import { Webhook as StandardWebhook } from "standardwebhooks";
import { Webhook as SvixWebhook } from "svix";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

import { messageSchema } from "#http/schemas/message";
import { subscriptionDetailSchema } from "#http/schemas/subscription";
import { seededRandom } from "#sources/internal/seeded-random";
import { cancel, connect, listJobs, run, runToEnd, untilEnded, untilJob } from "./connection.ts";
import { startSluice, type Sluice } from "./sluice.ts";
import { until } from "./until.ts";
import { receiveWebhooks, subscribe, type Delivered, type WebhookReceiver } from "./webhook-receiver.ts";

/** The moments of death come from this; set CRASH_SEED to see a failure again. */
const seed = Number(process.env["CRASH_SEED"] ?? randomInt(2 ** 31));

let sluice: Sluice;
const receivers: WebhookReceiver[] = [];

beforeAll(async () => {
  console.log(`Moments of death from CRASH_SEED=${seed}.`);
  sluice = await startSluice();
});
afterEach(async () => {
  const answer = await sluice.call("GET", "/webhooks/subscriptions");
  for (const { id } of subscriptionDetailSchema.pick({ id: true }).array().parse(answer.body)) {
    await sluice.call("DELETE", `/webhooks/subscriptions/${id}`);
  }
  await Promise.all(receivers.splice(0).map((receiver) => receiver.close()));
});
afterAll(() => sluice?.close());

async function newReceiver(): Promise<WebhookReceiver> {
  const made = await receiveWebhooks();
  receivers.push(made);
  return made;
}

function stub(entities = 7) {
  return connect(sluice, { short_name: "stub", config: { entity_count: entities }, credentials: { stub_key: "any" } });
}

function timed(seconds: number) {
  const config = { entity_count: 20, duration_seconds: seconds };
  return connect(sluice, { short_name: "timed", config, credentials: { timed_key: "any" } });
}

function typesOf(delivered: readonly Delivered[]): string[] {
  return delivered.map(({ payload }) => payload.event_type);
}

/** What was told in the order of each job, and what has no place in it: that may come before or after. */
function tellingOf(delivered: readonly Delivered[]) {
  const types = typesOf(delivered);
  return {
    apart: types.filter((type) => !type.startsWith("sync.")),
    ofJobs: types.filter((type) => type.startsWith("sync.")),
  };
}

test("svix and standardwebhooks verify what arrives, which is everything that happened, with true counts", async () => {
  const consumer = await newReceiver();
  const { secret } = await subscribe(sluice, consumer.address);
  await sluice.call("POST", "/collections", { body: { name: "Shop data", readable_id: "shop-data" } });
  const { id } = await connect(sluice, {
    short_name: "stub",
    config: { entity_count: 7 },
    credentials: { stub_key: "any" },
    readable_collection_id: "shop-data",
  });
  const job = await runToEnd(sluice, id);
  await sluice.call("PATCH", `/source-connections/${id}`, { body: { name: "Renamed" } });
  await sluice.call("DELETE", "/collections/shop-data");
  await until("everything arrived", () => consumer.delivered.length >= 8);

  const verifiers = [new StandardWebhook(secret), new SvixWebhook(secret)];
  for (const { headers, body } of consumer.delivered) {
    const flat = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
    for (const verifier of verifiers) expect(() => verifier.verify(body, flat)).not.toThrow();
    const svixOnly = Object.fromEntries(Object.entries(flat).filter(([name]) => !name.startsWith("webhook-")));
    expect(() => new SvixWebhook(secret).verify(body, svixOnly)).not.toThrow();
    expect(() => new StandardWebhook(secret).verify(`${body} `, flat)).toThrow("No matching signature found");
    expect(headers["content-type"]).toBe("application/json");
  }
  expect(typesOf(consumer.delivered).toSorted()).toEqual([
    "collection.created",
    "collection.deleted",
    "source_connection.created",
    "source_connection.deleted",
    "source_connection.updated",
    "sync.completed",
    "sync.pending",
    "sync.running",
  ]);
  expect(typesOf(consumer.delivered.filter(({ payload }) => payload.sync_job_id === job.id))).toEqual([
    "sync.pending",
    "sync.running",
    "sync.completed",
  ]);
  const completed = consumer.delivered.find(({ payload }) => payload.event_type === "sync.completed");
  expect(completed?.payload).toMatchObject({
    sync_id: id,
    sync_job_id: job.id,
    source_connection_id: id,
    source_type: "stub",
    collection_name: "Shop data",
    collection_readable_id: "shop-data",
    entities_inserted: 7,
    entities_updated: 0,
    entities_deleted: 0,
    entities_skipped: 0,
    chunks_written: 0,
    error: null,
  });
});

test("a cancelled job and a failed one are told as they went", async () => {
  const consumer = await newReceiver();
  await subscribe(sluice, consumer.address);
  const slow = await timed(30);
  const cancelled = await run(sluice, slow.id);
  await untilJob(sluice, cancelled, "is running", ({ status }) => status === "RUNNING");
  await cancel(sluice, slow.id, cancelled.id);
  await until("all of it was told", () => consumer.of(slow.id).length >= 5);
  expect(tellingOf(consumer.of(slow.id))).toEqual({
    apart: ["source_connection.created"],
    ofJobs: ["sync.pending", "sync.running", "sync.cancelling", "sync.cancelled"],
  });
});

test("a job that fails for its credentials is told, and so is that the connection needs new ones", async () => {
  const consumer = await newReceiver();
  await subscribe(sluice, consumer.address);
  const { id } = await connect(sluice, {
    short_name: "exception_stub",
    config: { entity_count: 10, trigger_after: 3, exception_type: "token_expired" },
    credentials: { stub_key: "any" },
  });
  const failed = await runToEnd(sluice, id);
  expect(failed.error_category).toBe("api_key_invalid");
  await until("all of it was told", () => consumer.of(id).length >= 5);
  const told = new Map(consumer.of(id).map(({ payload }) => [payload.event_type, payload]));
  expect([...told.keys()].toSorted()).toEqual([
    "source_connection.created",
    "source_connection.needs_reauth",
    "sync.failed",
    "sync.pending",
    "sync.running",
  ]);
  expect(told.get("sync.failed")).toMatchObject({
    error: failed.error,
    error_category: "api_key_invalid",
    entities_inserted: failed.entities_inserted,
  });
  expect(told.get("source_connection.needs_reauth")).toMatchObject({ is_authenticated: false });
});

test("a receiver that fails is told again after 5 s, with the same id, and meanwhile nothing of that job", async () => {
  const consumer = await newReceiver();
  await subscribe(sluice, consumer.address, ["sync.pending", "sync.running", "sync.completed"]);
  consumer.onDelivery = (_delivery, response) => response.writeHead(consumer.delivered.length === 1 ? 503 : 200).end();
  const { id } = await stub();
  await runToEnd(sluice, id);
  await until("all three were taken", () => consumer.delivered.length === 4);
  expect(typesOf(consumer.delivered)).toEqual(["sync.pending", "sync.pending", "sync.running", "sync.completed"]);
  const [first, second] = consumer.delivered;
  expect(second?.id).toBe(first?.id);
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(4_900);
});

test("a receiver that hangs delays neither another nor a sync", async () => {
  const [hangs, quick] = [await newReceiver(), await newReceiver()];
  const { id: hangingId } = await subscribe(sluice, hangs.address);
  await subscribe(sluice, quick.address);
  hangs.onDelivery = () => undefined;
  const connections = await Promise.all(Array.from({ length: 5 }, () => stub()));
  const startedAt = Date.now();
  await Promise.all(connections.map(({ id }) => runToEnd(sluice, id)));
  const all = () => connections.every(({ id }) => typesOf(quick.of(id)).includes("sync.completed"));
  await until("the quick receiver has heard it all", all, 10_000);
  // The hanging one is given up on after 15 s only.
  expect(Date.now() - startedAt).toBeLessThan(10_000);
  expect(hangs.delivered.length).toBeLessThanOrEqual(2);
  await until(
    "the hanging receiver shows",
    async () => {
      const answer = await sluice.call("GET", `/webhooks/subscriptions/${hangingId}`);
      const { delivery_attempts } = subscriptionDetailSchema.parse(answer.body);
      return delivery_attempts?.some(({ error }) => error?.includes("within 15 s") === true);
    },
    25_000,
  );
});

/** Endless answers that somebody still listens to. */
let dribbling = 0;

/** What a receiver can do wrong, and what its attempts are shown as. */
const MISDEEDS: Readonly<Record<string, { misbehave: (response: ServerResponse) => unknown; shownAs: number | null }>> =
  {
    "dribbles a body that never ends": {
      misbehave: (response) => {
        response.writeHead(500);
        const dribble = setInterval(() => response.write("."), 200);
        dribbling += 1;
        response.on("close", () => {
          clearInterval(dribble);
          dribbling -= 1;
        });
      },
      shownAs: 500,
    },
    "floods with an endless body": {
      misbehave: (response) => {
        response.writeHead(500);
        const pour = () => {
          while (!response.destroyed && response.write("x".repeat(65_536)));
          response.once("drain", pour);
        };
        pour();
      },
      shownAs: 500,
    },
    "redirects to itself": {
      misbehave: (response) => response.writeHead(302, { location: response.req.url }).end(),
      shownAs: 302,
    },
    "asks for an hour": {
      misbehave: (response) => response.writeHead(429, { "retry-after": "3600" }).end(),
      shownAs: 429,
    },
    "resets the connection": { misbehave: (response) => response.socket?.resetAndDestroy(), shownAs: null },
    "breaks off its headers": {
      misbehave: (response) => {
        response.socket?.write("HTTP/1.1 200 OK\r\ncontent-le");
        response.socket?.destroySoon();
      },
      shownAs: null,
    },
    "answers something that is no HTTP": {
      misbehave: (response) => response.socket?.end("220 smtp.example.com ESMTP\r\n"),
      shownAs: null,
    },
  };

test("whatever receivers do wrong, a good one hears each transition once, and each of them is shown as what it did", async () => {
  const good = await newReceiver();
  await subscribe(sluice, good.address);
  const bad = await Promise.all(
    Object.values(MISDEEDS).map(async ({ misbehave, shownAs }) => {
      const receiver = await newReceiver();
      receiver.onDelivery = (_delivery, response) => void misbehave(response);
      return { shownAs, receiver, id: (await subscribe(sluice, receiver.address)).id };
    }),
  );
  const gone = await newReceiver();
  gone.onDelivery = (_delivery, response) => void response.writeHead(410).end();
  const { id: goneId } = await subscribe(sluice, gone.address);

  const connections = await Promise.all(Array.from({ length: 3 }, () => stub()));
  await Promise.all(connections.map(({ id }) => runToEnd(sluice, id)));
  for (const { id } of connections) {
    await until("the good receiver has heard it all", () => good.of(id).length >= 4, 30_000);
    expect(tellingOf(good.delivered.filter(({ payload }) => payload.source_connection_id === id))).toEqual({
      apart: ["source_connection.created"],
      ofJobs: ["sync.pending", "sync.running", "sync.completed"],
    });
  }

  for (const { id, shownAs, receiver } of bad) {
    await until(
      `an attempt is shown as ${shownAs}`,
      async () => {
        const answer = await sluice.call("GET", `/webhooks/subscriptions/${id}`);
        const attempts = subscriptionDetailSchema.parse(answer.body).delivery_attempts ?? [];
        return attempts.some(({ response_status_code: code }) => code === (shownAs ?? 0));
      },
      40_000,
    );
    // Nobody was called more often than there was something to tell, or was led to another place.
    expect(new Set(receiver.delivered.map(({ id: message }) => message)).size).toBeLessThanOrEqual(12);
  }
  // Each of its messages is listened to for a second, one after the other.
  await until("nobody listens to what never ends", () => dribbling === 0, 40_000);
  expect((await sluice.call("GET", `/webhooks/subscriptions/${goneId}`)).body).toMatchObject({
    disabled: true,
    disabled_reason: expect.stringContaining("410"),
  });
  expect(gone.delivered.length).toBeLessThanOrEqual(2);
});

test("a consumer that was away catches up with what it missed, and with nothing else", async () => {
  const consumer = await newReceiver();
  const { id: subscriptionId } = await subscribe(sluice, consumer.address);
  const { id } = await stub();
  const since = new Date(Date.now() - 60_000).toISOString();
  await until("the connection was told", () => consumer.of(id).length === 1);
  await sluice.call("PATCH", `/webhooks/subscriptions/${subscriptionId}`, { body: { disabled: true } });
  await runToEnd(sluice, id);
  expect(consumer.of(id).length).toBe(1);
  const enabled = { disabled: false, recover_since: since };
  expect(await sluice.call("PATCH", `/webhooks/subscriptions/${subscriptionId}`, { body: enabled })).toMatchObject({
    status: 200,
    body: { disabled: false },
  });
  await until("it has caught up", () => consumer.of(id).length === 4);
  expect(consumer.delivered.filter(({ payload }) => payload.source_connection_id === id).length).toBe(4);
});

describe("kill -9", () => {
  test("between a transition and its delivery loses nothing", async () => {
    const consumer = await newReceiver();
    await subscribe(sluice, consumer.address);
    const { id } = await stub();
    await until("the connection was told", () => consumer.of(id).length === 1);
    // It has the event and does not answer: the delivery is under way.
    consumer.onDelivery = () => undefined;
    const job = await run(sluice, id);
    await until("a delivery is under way", () => consumer.of(id).length === 2);
    await sluice.kill();
    consumer.onDelivery = (_delivery, response) => void response.writeHead(200).end();
    await sluice.start();
    await until("all of the job was told", () => typesOf(consumer.of(id)).includes("sync.completed"), 60_000);
    expect(typesOf(consumer.of(id).filter(({ payload }) => payload.sync_job_id === job.id))).toEqual([
      "sync.pending",
      "sync.running",
      "sync.completed",
    ]);
  });

  test("at any moment: every transition is told, and none is invented", async () => {
    const random = seededRandom(seed, 1);
    const consumer = await newReceiver();
    await subscribe(sluice, consumer.address);
    const connections = await Promise.all([stub(), stub(2_000), timed(1), timed(2)]);
    for (let round = 0; round < 4; round += 1) {
      await Promise.all(connections.map(({ id }) => sluice.call("POST", `/source-connections/${id}/run`)));
      await new Promise((resolve) => setTimeout(resolve, random() * 1_000));
      await sluice.kill();
      await sluice.start();
    }
    for (const { id } of connections) for (const job of await listJobs(sluice, id)) await untilEnded(sluice, job);
    const untold = async () => {
      for (const { id } of connections) {
        const told = consumer.of(id).filter(({ payload }) => payload.event_type === "sync.completed").length;
        if (told < (await listJobs(sluice, id)).length) return false;
      }
      return true;
    };
    await until("every end was told", untold, 60_000);
    for (const { id } of connections) {
      const jobs = await listJobs(sluice, id);
      expect(consumer.of(id).length).toBe(1 + 3 * jobs.length);
      for (const job of jobs) {
        const mine = consumer.of(id).filter(({ payload }) => payload.sync_job_id === job.id);
        expect(typesOf(mine)).toEqual(["sync.pending", "sync.running", "sync.completed"]);
        expect(mine.at(-1)?.payload).toMatchObject({ entities_inserted: job.entities_inserted });
      }
    }
    const answer = await sluice.call("GET", `/webhooks/messages?limit=1000&event_types=sync.completed`);
    const ids = messageSchema
      .array()
      .parse(answer.body)
      .map((message) => message.id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
