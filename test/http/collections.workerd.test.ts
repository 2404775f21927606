import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";

import { openEvents } from "#events/gate";
import { handOverLeftBehind } from "#events/handover";
import { httpClient, NOW, textAt } from "#test/support/http-client";
import { aJob } from "#test/support/builders";
import { newConnection, newTenant } from "#test/support/tenant";

async function setUp(overrides: Parameters<typeof httpClient>[0] = {}) {
  const client = httpClient(overrides);
  const { key, id: organizationId } = await newTenant(client);
  const call = (method: string, path: string, json?: unknown) => client.call(method, path, { key, json });
  return { ...client, client, key, organizationId, call };
}

/** An organization with a collection of its own making. */
async function withCollection() {
  const world = await setUp();
  await world.call("POST", "/v1/collections", { name: "Mine", readable_id: "mine" });
  return world;
}

/** What subscribers are told of, oldest first. */
async function types(call: Awaited<ReturnType<typeof setUp>>["call"]): Promise<string[]> {
  const { body } = await call("GET", "/v1/webhooks/messages");
  return Array.isArray(body) ? body.map((message: unknown) => textAt(message, "event_type")).toReversed() : [];
}

const reach = (organizationId: string) => openEvents(env.EVENT_DELIVERY, organizationId);

test("an organization begins with a default collection", async () => {
  const { call, organizationId } = await setUp();
  expect((await call("GET", "/v1/collections/default")).body).toEqual({
    name: "Default",
    readable_id: "default",
    id: expect.any(String),
    sync_config: null,
    created_at: "2026-03-15T09:30:00.000Z",
    modified_at: "2026-03-15T09:30:00.000Z",
    organization_id: organizationId,
    created_by_email: null,
    modified_by_email: null,
    status: "NEEDS SOURCE",
    vector_size: 0,
    embedding_model_name: "",
    source_connection_summaries: [],
  });
});

describe("create", () => {
  test("makes a readable id from the name, or takes the given one once", async () => {
    const { call } = await setUp();
    const made = await call("POST", "/v1/collections", { name: "Customer data" });
    expect(textAt(made.body, "readable_id")).toMatch(/^customer-data-[a-z0-9]{6}$/);
    expect((await call("GET", `/v1/collections/${textAt(made.body, "readable_id")}`)).body).toEqual(made.body);

    expect((await call("POST", "/v1/collections", { name: "Mine", readable_id: "mine" })).status).toBe(200);
    const twice = await call("POST", "/v1/collections", { name: "Mine again", readable_id: "mine" });
    expect(twice.status).toBe(400);
    expect(textAt(twice.body, "detail")).toContain("'mine' already exists");
  });

  test.each([
    { name: "abc" },
    { name: "x".repeat(65) },
    { name: 5 },
    {},
    { name: "Named", readable_id: "Upper" },
    { name: "Named", readable_id: "two--hyphens" },
    { name: "Named", readable_id: "-edge" },
    { name: "Named", readable_id: "" },
    { name: "Named", readable_id: "count" },
  ])("refuses %j", async (json) => {
    const { call } = await setUp();
    expect((await call("POST", "/v1/collections", json)).status).toBe(422);
    expect((await call("GET", "/v1/collections/count")).body).toBe(1);
  });
});

test("list finds by part of the name or readable id, in any case, without wildcards; count agrees", async () => {
  const { call } = await setUp();
  await call("POST", "/v1/collections", { name: "Alpha sales", readable_id: "first" });
  await call("POST", "/v1/collections", { name: "Beta_100%", readable_id: "second-sales" });
  const names = async (search: string) => {
    const query = `search=${encodeURIComponent(search)}`;
    const listed = await call("GET", `/v1/collections?${query}`);
    const counted = await call("GET", `/v1/collections/count?${query}`);
    if (!Array.isArray(listed.body)) throw new Error("The list is no array.");
    expect(counted.body).toBe(listed.body.length);
    return listed.body.map((each: unknown) => textAt(each, "readable_id")).toSorted();
  };
  expect(await names("SALES")).toEqual(["first", "second-sales"]);
  expect(await names("%")).toEqual(["second-sales"]);
  expect(await names("_")).toEqual(["second-sales"]);
  expect(await names("nothing")).toEqual([]);
});

test("a patch renames, and refuses to do nothing", async () => {
  const { call } = await setUp();
  expect((await call("PATCH", "/v1/collections/default", { name: "Renamed" })).body).toMatchObject({ name: "Renamed" });
  expect((await call("PATCH", "/v1/collections/default", {})).status).toBe(422);
  expect((await call("PATCH", "/v1/collections/nowhere", { name: "Renamed" })).status).toBe(404);
});

test("the status follows the connections", async () => {
  const { client, call, connections, key } = await setUp();
  const ids = [await newConnection(client, key, { name: "First one" }), await newConnection(client, key)];
  const status = async () => textAt((await call("GET", "/v1/collections/default")).body, "status");
  const fail = async (id: string) => {
    connections.at(id).jobsNow.push(aJob({ connectionId: id, status: "FAILED", wakeAt: null }));
    await call("POST", `/v1/source-connections/${id}/republish`);
  };
  expect(await status()).toBe("ACTIVE");
  await fail(ids[0] ?? "");
  expect(await status()).toBe("ACTIVE");
  await fail(ids[1] ?? "");
  expect(await status()).toBe("ERROR");
});

describe("delete", () => {
  test("is refused for the default collection, and erases nothing in it: connections that name none go there", async () => {
    const { client, call, key } = await setUp();
    const id = await newConnection(client, key);
    const answer = await call("DELETE", "/v1/collections/default");
    expect(answer.status).toBe(409);
    expect(textAt(answer.body, "detail")).toContain("default collection can't be deleted");
    expect((await call("GET", `/v1/source-connections/${id}`)).status).toBe(200);
    expect(await newConnection(client, key)).toEqual(expect.any(String));
  });

  test("erases every connection through its object, then the collection", async () => {
    const { client, call, connections, key } = await withCollection();
    const ids = await Promise.all(
      Array.from({ length: 8 }, () => newConnection(client, key, { readable_collection_id: "mine" })),
    );
    const answer = await call("DELETE", "/v1/collections/mine");
    expect(answer.body).toMatchObject({ readable_id: "mine" });
    const erased = connections.calls.filter(({ method }) => method === "erase").map(({ id }) => id);
    expect(erased.toSorted()).toEqual(ids.toSorted());
    expect((await call("GET", "/v1/collections/mine")).status).toBe(404);
    expect((await call("GET", "/v1/source-connections")).body).toEqual([]);
  });

  test("is not stopped by a connection that is gone already", async () => {
    const { client, call, connections, key } = await withCollection();
    connections.at(await newConnection(client, key, { readable_collection_id: "mine" })).vanish();
    expect((await call("DELETE", "/v1/collections/mine")).status).toBe(200);
  });

  test("keeps the collection while a connection can't be erased, so that it can be tried again", async () => {
    const { client, call, connections, key } = await withCollection();
    await newConnection(client, key, { readable_collection_id: "mine" });
    connections.fault = new Error("The object does not answer.");
    expect((await call("DELETE", "/v1/collections/mine")).status).toBe(500);
    connections.fault = null;
    expect((await call("DELETE", "/v1/collections/mine")).status).toBe(200);
  });
});

describe("subscribers are told", () => {
  test("of each change once", async () => {
    let now = NOW;
    const { call } = await setUp({ now: () => (now += 1) });
    await call("POST", "/v1/collections", { name: "Mine", readable_id: "mine" });
    await call("POST", "/v1/collections", { name: "Mine", readable_id: "mine" });
    await call("PATCH", "/v1/collections/mine", { name: "Renamed" });
    await Promise.all([call("DELETE", "/v1/collections/mine"), call("DELETE", "/v1/collections/mine")]);
    expect(await types(call)).toEqual(["collection.created", "collection.updated", "collection.deleted"]);
  });

  test("in the end, also where the request could not tell them", async () => {
    const { call, events } = await setUp();
    events.fault = new Error("The object does not answer.");
    expect((await call("POST", "/v1/collections", { name: "Mine", readable_id: "mine" })).status).toBe(200);
    expect(await types(call)).toEqual([]);
    events.fault = null;
    await handOverLeftBehind(env.DB, reach, NOW + 10_000);
    expect(await types(call)).toEqual([]);
    await handOverLeftBehind(env.DB, reach, NOW + 31_000);
    await handOverLeftBehind(env.DB, reach, NOW + 31_000);
    expect(await types(call)).toEqual(["collection.created"]);
  });

  test("in the end, also behind organizations whose deliveries fail", async () => {
    const ids = Array.from({ length: 25 }, (_, index) => `organization-${index}`);
    const insert = env.DB.prepare("INSERT INTO waiting_events (organization_id, id, value) VALUES (?, ?, ?)");
    await env.DB.prepare("DELETE FROM waiting_events").run();
    await env.DB.batch(ids.map((id) => insert.bind(id, "0", "{}")));
    const asked = new Set<string>();
    const asking = (id: string) => {
      asked.add(id);
      return reach(id);
    };
    for (let minute = 1; minute <= 3; minute += 1) await handOverLeftBehind(env.DB, asking, NOW + minute * 60_000);
    await env.DB.prepare("DELETE FROM waiting_events").run();
    expect([...asked].toSorted()).toEqual(ids.toSorted());
  });

  test("in order, where an earlier event was left behind", async () => {
    let now = NOW;
    const { call, events } = await setUp({ now: () => (now += 1) });
    events.fault = new Error("The object does not answer.");
    await call("POST", "/v1/collections", { name: "Mine", readable_id: "mine" });
    events.fault = null;
    await call("PATCH", "/v1/collections/mine", { name: "Renamed" });
    expect(await types(call)).toEqual(["collection.created", "collection.updated"]);
  });
});

test("refresh_all starts a job for each connection, and answers with those that run already", async () => {
  const { client, call, connections, key } = await setUp();
  const [idle, running] = [await newConnection(client, key), await newConnection(client, key)];
  connections.at(await newConnection(client, key)).vanish();
  const active = await call("POST", `/v1/source-connections/${running}/run`);
  const answer = await call("POST", "/v1/collections/default/refresh_all");
  expect(answer.body).toHaveLength(2);
  expect(answer.body).toEqual(
    expect.arrayContaining([active.body, expect.objectContaining({ source_connection_id: idle })]),
  );
});
