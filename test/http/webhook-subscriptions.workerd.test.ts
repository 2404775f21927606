import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";

import { hasTables } from "#storage/migrations";
import { Sql } from "#storage/sql";
import { at, httpClient, NOW, textAt } from "#test/support/http-client";
import { newTenant } from "#test/support/tenant";

const BASE = "/v1/webhooks/subscriptions";

/** Nothing answers there: port 1 is refused at once. */
const NOBODY = "http://127.0.0.1:1/hook";
/** base64 of 24 bytes */
const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/** Answers, if only that it takes no HEAD; deliveries it takes. */
const SOMEBODY = "https://receiver.example/hook";

beforeEach(() => {
  const reallyFetch = globalThis.fetch;
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    if (request.url !== SOMEBODY) return reallyFetch(input, init);
    return new Response(null, { status: request.method === "HEAD" ? 405 : 200 });
  });
});
afterEach(() => {
  vi.restoreAllMocks();
});

async function setUp() {
  const client = httpClient();
  const { id: organizationId, key } = await newTenant(client);
  return { ...client, organizationId, key };
}

async function subscribed() {
  const world = await setUp();
  const json = { url: SOMEBODY, event_types: ["collection.created"] };
  const { body } = await world.call("POST", BASE, { key: world.key, json });
  const id = textAt(body, "id");
  return { ...world, id, secret: textAt(body, "secret"), one: `${BASE}/${id}` };
}

async function withCollections(...names: readonly string[]) {
  const world = await setUp();
  for (const name of names)
    await world.call("POST", "/v1/collections", { key: world.key, json: { name, readable_id: name } });
  return world;
}

describe("subscribing", () => {
  test.each([
    [{ event_types: ["sync.completed"] }, ["body", "url"]],
    [{ url: "not a url", event_types: ["sync.completed"] }, ["body", "url"]],
    [{ url: "ftp://hooks.example.com/", event_types: ["sync.completed"] }, ["body", "url"]],
    [{ url: "https://user:secret@hooks.example.com/", event_types: ["sync.completed"] }, ["body", "url"]],
    [{ url: NOBODY }, ["body", "event_types"]],
    [{ url: NOBODY, event_types: [] }, ["body", "event_types"]],
    [{ url: NOBODY, event_types: ["sync.exploded"] }, ["body", "event_types", 0]],
    [{ url: NOBODY, event_types: ["sync.failed"], secret: "short" }, ["body", "secret"]],
    [{ url: NOBODY, event_types: ["sync.failed"], secret: `whsec_${"A".repeat(20)}` }, ["body", "secret"]],
    [{ url: NOBODY, event_types: ["sync.failed"], secret: "this is long enough, but no base64" }, ["body", "secret"]],
  ])("with %j is refused, saying which field", async (json, loc) => {
    const { call, key } = await setUp();
    const answer = await call("POST", BASE, { key, json });
    expect(answer.status).toBe(422);
    expect(at(answer.body, "detail", 0, "loc")).toEqual(loc);
  });

  test("an address where nothing answers is refused with 400, and leaves nothing, not even tables", async () => {
    const { call, key, organizationId } = await setUp();
    const answer = await call("POST", BASE, { key, json: { url: NOBODY, event_types: ["sync.completed"] } });
    expect(answer.status).toBe(400);
    expect(textAt(answer.body, "detail")).toContain(NOBODY);
    expect((await call("GET", BASE, { key })).body).toEqual([]);
    const deliveries = env.EVENT_DELIVERY.getByName(organizationId);
    expect(await runInDurableObject(deliveries, (_object, { storage }) => hasTables(new Sql(storage)))).toBe(false);
  });

  test.each([
    [526, "certificate"],
    [530, "does not lead to an address"],
  ])(
    "what Cloudflare's network answers with %i in nobody's stead is no sign of life, and says why",
    async (status, why) => {
      const { call, key } = await setUp();
      vi.spyOn(globalThis, "fetch").mockResolvedValue(new Response("error code", { status }));
      const answer = await call("POST", BASE, { key, json: { url: SOMEBODY, event_types: ["sync.completed"] } });
      expect(answer.status).toBe(400);
      expect(textAt(answer.body, "detail")).toContain(why);
    },
  );

  test("takes any answer for a sign of life, shows the secret once, and later only to who asks", async () => {
    const { call, key } = await setUp();
    const url = SOMEBODY;
    const json = { url, event_types: ["sync.failed", "sync.completed", "sync.failed"], secret: SECRET };
    const created = await call("POST", BASE, { key, json });
    expect(created.status).toBe(200);
    const shown = {
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      url,
      filter_types: ["sync.completed", "sync.failed"],
      disabled: false,
      disabled_reason: null,
      description: null,
      created_at: expect.stringMatching(/Z$/),
      updated_at: expect.stringMatching(/Z$/),
      health_status: "unknown",
    };
    expect(created.body).toEqual({ ...shown, delivery_attempts: [], secret: SECRET });
    expect((await call("GET", BASE, { key })).body).toEqual([shown]);
    const one = `${BASE}/${textAt(created.body, "id")}`;
    expect((await call("GET", one, { key })).body).toEqual({ ...shown, delivery_attempts: [], secret: null });
    expect((await call("GET", `${one}?include_secret=true`, { key })).body).toMatchObject({ secret: SECRET });
  });

  test("gives each subscription a secret of its own", async () => {
    const { call, key } = await setUp();
    const json = { url: SOMEBODY, event_types: ["sync.failed"] };
    const secrets = [await call("POST", BASE, { key, json }), await call("POST", BASE, { key, json })].map(({ body }) =>
      textAt(body, "secret"),
    );
    for (const secret of secrets) expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(new Set(secrets).size).toBe(2);
  });
});

describe("a subscription", () => {
  test("is changed field by field", async () => {
    const { call, key, one } = await subscribed();
    const disabled = await call("PATCH", one, { key, json: { disabled: true } });
    expect(disabled.body).toMatchObject({
      disabled: true,
      disabled_reason: null,
      filter_types: ["collection.created"],
    });
    const changed = await call("PATCH", one, { key, json: { event_types: ["sync.failed"], disabled: false } });
    expect(changed.body).toMatchObject({ disabled: false, filter_types: ["sync.failed"] });
  });

  test.each([{}, { url: "nope" }, { event_types: [] }, { disabled: "perhaps" }, { recover_since: "yesterday" }])(
    "is not changed by %j",
    async (json) => {
      const { call, key, one } = await subscribed();
      expect((await call("PATCH", one, { key, json })).status).toBe(422);
    },
  );

  test("is not moved to an address where nothing answers", async () => {
    const { call, key, one } = await subscribed();
    expect((await call("PATCH", one, { key, json: { url: NOBODY } })).status).toBe(400);
    expect((await call("GET", one, { key })).body).not.toMatchObject({ url: NOBODY });
  });

  test("gets a new secret, which is not in the answer", async () => {
    const { call, key, one, secret } = await subscribed();
    const rotated = await call("POST", `${one}/rotate-secret`, { key, json: {} });
    expect(rotated.status).toBe(200);
    expect(rotated.text).not.toContain("whsec_");
    const { body } = await call("GET", `${one}?include_secret=true`, { key });
    expect(textAt(body, "secret")).not.toBe(secret);
  });

  test("recovers from a stretch of time that makes sense, and says how much", async () => {
    const { call, key, id, one } = await subscribed();
    const since = new Date(NOW).toISOString();
    const nothing = await call("POST", `${one}/recover`, { key, json: { since } });
    expect(nothing.body).toEqual({ id, status: "completed", messages: 0 });
    const backwards = await call("POST", `${one}/recover`, { key, json: { since, until: since } });
    expect(at(backwards.body, "detail", 0, "loc")).toEqual(["body", "until"]);
    expect((await call("POST", `${one}/recover`, { key, json: {} })).status).toBe(422);
  });

  test("is another organization's 404, and so are its messages", async () => {
    const { call, key, one, ...client } = await subscribed();
    await call("POST", "/v1/collections", { key, json: { name: "Secret plans", readable_id: "plans" } });
    const [id] = [textAt((await call("GET", "/v1/webhooks/messages", { key })).body, 0, "id")];
    const stranger = (await newTenant({ call, ...client })).key;
    const attempts = [
      await call("GET", one, { key: stranger }),
      await call("PATCH", one, { key: stranger, json: { disabled: true } }),
      await call("DELETE", one, { key: stranger }),
      await call("POST", `${one}/recover`, { key: stranger, json: { since: "2026-01-01T00:00:00Z" } }),
      await call("POST", `${one}/rotate-secret`, { key: stranger, json: {} }),
      await call("GET", `/v1/webhooks/messages/${id}`, { key: stranger }),
    ];
    expect(attempts.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404, 404]);
    expect((await call("GET", BASE, { key: stranger })).body).toEqual([]);
    expect((await call("GET", "/v1/webhooks/messages", { key: stranger })).body).toEqual([]);
    expect((await call("GET", one, { key })).body).toMatchObject({ disabled: false });
  });

  test("is gone once it is deleted", async () => {
    const { call, key, one, id } = await subscribed();
    expect((await call("DELETE", one, { key })).body).toMatchObject({ id });
    expect((await call("GET", one, { key })).status).toBe(404);
  });
});

describe("messages", () => {
  test("are listed newest first, by type and by page", async () => {
    const { call, key } = await withCollections("first", "second", "third");
    await call("PATCH", "/v1/collections/first", { key, json: { name: "Renamed" } });
    const all = await call("GET", "/v1/webhooks/messages", { key });
    expect(all.body).toMatchObject(Array.from({ length: 4 }, () => ({ channels: null, tags: null })));
    const created = await call("GET", "/v1/webhooks/messages?event_types=collection.created&event_types=sync.failed", {
      key,
    });
    expect(created.body).toMatchObject(Array.from({ length: 3 }, () => ({ event_type: "collection.created" })));
    const page = await call("GET", "/v1/webhooks/messages?limit=3", { key });
    const rest = await call("GET", `/v1/webhooks/messages?limit=3&cursor=${page.headers.get("x-next-cursor")}`, {
      key,
    });
    expect([page.body, rest.body].flat()).toEqual(all.body);
    expect(rest.headers.get("x-next-cursor")).toBeNull();
  });

  test("lead on to what was asked for, types and limit included", async () => {
    const { call, key } = await withCollections("first", "second", "third");
    await call("PATCH", "/v1/collections/first", { key, json: { name: "Renamed" } });
    const typesFrom = async (address: string): Promise<string[]> => {
      const { body, headers } = await call("GET", address, { key });
      const page = z.array(z.object({ event_type: z.string() })).parse(body);
      expect(page.length).toBeLessThanOrEqual(1);
      const next = /^<(.*)>; rel="next"$/.exec(headers.get("link") ?? "")?.[1];
      return [...page.map((message) => message.event_type), ...(next === undefined ? [] : await typesFrom(next))];
    };
    const types = "event_types=collection.created&event_types=collection.deleted";
    expect(await typesFrom(`/v1/webhooks/messages?${types}&limit=1`)).toEqual([
      "collection.created",
      "collection.created",
      "collection.created",
    ]);
  });

  test("are shown one by one, with what their receivers said when asked", async () => {
    const { call, key } = await withCollections("first");
    const id = textAt((await call("GET", "/v1/webhooks/messages", { key })).body, 0, "id");
    const plain = await call("GET", `/v1/webhooks/messages/${id}`, { key });
    expect(plain.body).toMatchObject({
      id,
      event_type: "collection.created",
      payload: { event_type: "collection.created", collection_name: "first", collection_readable_id: "first" },
      delivery_attempts: null,
    });
    const detailed = await call("GET", `/v1/webhooks/messages/${id}?include_attempts=true`, { key });
    expect(detailed.body).toMatchObject({ delivery_attempts: [] });
  });

  test.each(["event_types=sync.exploded", "limit=0", "cursor=abc", "limit=1001"])("refuses %s", async (query) => {
    const { call, key } = await setUp();
    expect((await call("GET", `/v1/webhooks/messages?${query}`, { key })).status).toBe(422);
  });
});
