import { describe, expect, test } from "vitest";

import { at, httpClient, textAt } from "#test/support/http-client";
import { aJob } from "#test/support/builders";
import { newConnection, newTenant } from "#test/support/tenant";

const STUB = { short_name: "stub", authentication: { credentials: { stub_key: "very-secret-key" } } };

async function setUp() {
  const client = httpClient();
  const tenant = await newTenant(client);
  const post = (json: unknown) => client.call("POST", "/v1/source-connections", { key: tenant.key, json });
  return { ...client, client, key: tenant.key, organizationId: tenant.id, post };
}

describe("create", () => {
  test("answers with the connection, every documented key written out", async () => {
    const { post, organizationId } = await setUp();
    const answer = await post({ ...STUB, sync_immediately: false, schedule: null });
    const id = textAt(answer.body, "id");
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      id,
      organization_id: organizationId,
      name: expect.stringMatching(/ Connection$/),
      description: null,
      short_name: "stub",
      readable_collection_id: "default",
      status: "active",
      created_at: "2026-03-15T09:30:00.000Z",
      modified_at: "2026-03-15T09:30:00.000Z",
      auth: {
        method: "direct",
        authenticated: true,
        authenticated_at: "2026-03-15T09:30:00.000Z",
        expires_at: null,
        auth_url: null,
        auth_url_expires: null,
        redirect_url: null,
        claim_token: null,
        provider_readable_id: null,
        provider_id: null,
      },
      config: expect.objectContaining({ entity_count: 10, seed: 42 }),
      schedule: null,
      is_paused: false,
      sync: null,
      sync_id: id,
      entities: { total_entities: 0, by_type: {} },
      error_category: null,
      error_message: null,
      provider_settings_url: null,
      provider_short_name: null,
      federated_search: false,
      sync_settings: {},
    });
  });

  test("hands the object what was asked for, completed by the source's schema", async () => {
    const { post, connections, organizationId } = await setUp();
    await post({
      ...STUB,
      name: "Orders",
      description: "All orders",
      config: { entity_count: 3 },
      schedule: { cron: "0 6 * * *" },
      sync_settings: { delete_guard_ratio: 1 },
    });
    expect(connections.calls).toHaveLength(1);
    expect(connections.calls[0]?.request).toMatchObject({
      organizationId,
      name: "Orders",
      description: "All orders",
      shortName: "stub",
      collectionId: "default",
      config: { entity_count: 3, seed: 42 },
      credentials: { stub_key: "very-secret-key" },
      schedule: { cron: "0 6 * * *", timezone: "UTC", full_sync_cron: null, continuous: false, cursor_field: null },
      settings: { delete_guard_ratio: 1 },
      manifest: null,
      syncImmediately: true,
    });
  });

  test("never shows credentials again", async () => {
    const { post, call, key } = await setUp();
    const created = await post(STUB);
    const read = await call("GET", `/v1/source-connections/${textAt(created.body, "id")}`, { key });
    expect(created.text + read.text).not.toContain("very-secret-key");
  });

  test("shows the first job, started at once unless told otherwise", async () => {
    const { post } = await setUp();
    const answer = await post(STUB);
    expect(at(answer.body, "sync")).toMatchObject({ total_runs: 1, last_job: { status: "PENDING" } });
  });

  test("answers 404 for a source or a collection that does not exist", async () => {
    const { post, connections } = await setUp();
    const source = await post({ ...STUB, short_name: "nothing" });
    expect([source.status, source.body]).toEqual([404, { detail: "Source 'nothing' not found" }]);
    const collection = await post({ ...STUB, readable_collection_id: "nowhere" });
    expect([collection.status, collection.body]).toEqual([404, { detail: "Collection not found" }]);
    expect(connections.calls).toEqual([]);
  });

  test("answers 404 for a collection that another organization has", async () => {
    const { post, client, connections } = await setUp();
    const other = await newTenant(client);
    const json = { name: "Theirs", readable_id: "theirs" };
    expect((await client.call("POST", "/v1/collections", { key: other.key, json })).status).toBe(200);
    const answer = await post({ ...STUB, readable_collection_id: "theirs" });
    expect([answer.status, answer.body]).toEqual([404, { detail: "Collection not found" }]);
    expect(connections.calls).toEqual([]);
  });

  test("hides internal sources unless they are enabled", async () => {
    const { call } = httpClient({ env: { ENABLE_INTERNAL_SOURCES: "false" } });
    expect((await call("POST", "/v1/source-connections", { json: STUB })).status).toBe(404);
    expect((await call("GET", "/v1/sources/stub")).status).toBe(404);
  });

  test("names the credential fields where there is no authentication", async () => {
    const { post } = await setUp();
    for (const authentication of [undefined, null, {}]) {
      const answer = await post({ short_name: "stub", authentication });
      expect(answer.status).toBe(422);
      expect(at(answer.body, "detail", 0)).toMatchObject({ loc: ["body", "authentication"], type: "missing" });
      expect(textAt(answer.body, "detail", 0, "msg")).toContain("stub_key");
    }
  });

  test.each([
    { access_token: "token", refresh_token: "more" },
    { redirect_uri: "https://app.example.com/callback" },
    { client_id: "id", client_secret: "secret" },
    { provider_readable_id: "composio", provider_config: {} },
  ])("understands but refuses the authentication %j, and says what works", async (authentication) => {
    const { post } = await setUp();
    const answer = await post({ short_name: "stub", authentication });
    expect(answer.status).toBe(422);
    expect(at(answer.body, "detail", 0, "loc")).toEqual(["body", "authentication"]);
    expect(textAt(answer.body, "detail", 0, "msg")).toContain("Only direct credentials are supported");
  });

  test.each([
    [
      { short_name: "stub", authentication: { credentials: { stub_key: 5 } } },
      ["authentication", "credentials", "stub_key"],
    ],
    [{ short_name: "stub", authentication: { credentials: {}, extra: 1 } }, ["authentication", "extra"]],
    [{ short_name: "stub", authentication: { credentials: [] } }, ["authentication", "credentials"]],
    [{ ...STUB, config: { entity_count: 0 } }, ["config", "entity_count"]],
    [{ ...STUB, config: { entity_count: "many" } }, ["config", "entity_count"]],
    [{ ...STUB, config: "none" }, ["config"]],
    [{ ...STUB, name: "abc" }, ["name"]],
    [{ ...STUB, name: "x".repeat(43) }, ["name"]],
    [{ ...STUB, description: "x".repeat(256) }, ["description"]],
    [{ ...STUB, schedule: { cron: "every day" } }, ["schedule", "cron"]],
    [{ ...STUB, schedule: { cron: "0 6 * *" } }, ["schedule", "cron"]],
    [{ ...STUB, sync_immediately: "yes" }, ["sync_immediately"]],
    [{ ...STUB, sync_settings: { delete_guard_ratio: 2 } }, ["sync_settings", "delete_guard_ratio"]],
    [{ ...STUB, sync_settings: { unknown: 2 } }, ["sync_settings", "unknown"]],
    [{ authentication: STUB.authentication }, ["short_name"]],
    [[], []],
    [null, []],
  ])("refuses %j", async (json, loc) => {
    const { post, connections } = await setUp();
    const answer = await post(json);
    expect(answer.status).toBe(422);
    expect(at(answer.body, "detail", 0, "loc")).toEqual(["body", ...loc]);
    expect(connections.calls).toEqual([]);
  });

  test.each([
    ["source_refused", 400],
    ["source_unreachable", 502],
    ["source_rate_limited", 429],
  ] as const)("passes the source's refusal %s on as %i", async (code, status) => {
    const { post, connections } = await setUp();
    connections.refusal = { code, message: "The source said no.", retryAfterSeconds: 30 };
    const answer = await post(STUB);
    expect([answer.status, answer.body]).toEqual([status, { detail: "The source said no." }]);
    expect(answer.headers.get("retry-after")).toBe("30");
  });
});

describe("list", () => {
  test("has the documented keys and whether it is paused, newest first, by collection and by page", async () => {
    const { client, call, key } = await setUp();
    await call("POST", "/v1/collections", { key, json: { name: "Second", readable_id: "second" } });
    const ids = [
      await newConnection(client, key, { readable_collection_id: "second" }),
      await newConnection(client, key),
    ];
    const all = await call("GET", "/v1/source-connections", { key });
    expect(all.body).toHaveLength(2);
    const second = await call("GET", "/v1/source-connections?collection=second", { key });
    expect(second.body).toEqual([
      {
        id: ids[0],
        name: expect.any(String),
        short_name: "stub",
        readable_collection_id: "second",
        created_at: "2026-03-15T09:30:00.000Z",
        modified_at: "2026-03-15T09:30:00.000Z",
        is_authenticated: true,
        entity_count: 0,
        federated_search: false,
        auth_method: "direct",
        status: "active",
        is_paused: false,
      },
    ]);
    expect((await call("GET", "/v1/source-connections?skip=1&limit=1", { key })).body).toHaveLength(1);
    expect((await call("GET", "/v1/source-connections?skip=2", { key })).body).toEqual([]);
  });

  test("says of a connection whether it is paused, as the connection does", async () => {
    const { client, call, key } = await setUp();
    const id = await newConnection(client, key);
    for (const isPaused of [true, false]) {
      const json = { is_paused: isPaused };
      expect((await call("PATCH", `/v1/source-connections/${id}`, { key, json })).body).toMatchObject(json);
      expect((await call("GET", "/v1/source-connections", { key })).body).toMatchObject([{ id, ...json }]);
    }
  });

  test("tells with each connection its next run and its newest jobs, where jobs are asked for", async () => {
    const { client, call, key } = await setUp();
    await newConnection(client, key);
    const [item] = Object.values(Object((await call("GET", "/v1/source-connections?recent_jobs=3", { key })).body));
    expect(item).toMatchObject({ next_run: null, last_error: null, recent_jobs: [] });
    expect((await call("GET", "/v1/source-connections?recent_jobs=31", { key })).status).toBe(422);
  });

  test.each(["skip=-1", "skip=1.5", "limit=0", "limit=1001", "skip=1&skip=2"])("refuses ?%s", async (query) => {
    const { call, key } = await setUp();
    const answer = await call("GET", `/v1/source-connections?${query}`, { key });
    expect(answer.status).toBe(422);
  });
});

describe("get", () => {
  test("sums up the copy and the last job", async () => {
    const { client, call, connections, key } = await setUp();
    const id = await newConnection(client, key);
    connections
      .at(id)
      .entitiesNow.push({ stream: "issues", id: "1", data: {} }, { stream: "issues", id: "2", data: {} });
    const failed = { status: "FAILED", completedAt: 2_000, wakeAt: null, connectionId: id } as const;
    connections
      .at(id)
      .jobsNow.push(aJob({ ...failed, error: "401 from the source", errorCategory: "api_key_invalid" }));
    const answer = await call("GET", `/v1/source-connections/${id}`, { key });
    expect(answer.body).toMatchObject({
      status: "needs_reauth",
      error_category: "api_key_invalid",
      error_message: "The API key for this connection is no longer valid.",
      entities: { total_entities: 2, by_type: { issues: { count: 2, last_updated: "2026-03-15T09:30:00.000Z" } } },
      sync: { total_runs: 1, successful_runs: 0, failed_runs: 1, last_job: { error: "401 from the source" } },
    });
  });
});

test("streams are listed with what is in them", async () => {
  const { client, call, connections, key } = await setUp();
  const id = await newConnection(client, key);
  connections.at(id).entitiesNow.push({ stream: "issues", id: "1", data: {} });
  expect((await call("GET", `/v1/source-connections/${id}/streams`, { key })).body).toEqual([
    {
      name: "issues",
      entity_count: 1,
      last_changed_at: "2026-03-15T09:30:00.000Z",
      cursor: null,
      is_reset: false,
    },
  ]);
  const stranger = await newTenant(client);
  expect((await call("GET", `/v1/source-connections/${id}/streams`, { key: stranger.key })).status).toBe(404);
});

describe("update", () => {
  test("changes what is given and nothing else", async () => {
    const { client, call, connections, key } = await setUp();
    const id = await newConnection(client, key, { schedule: { cron: "0 6 * * *" }, description: "old" });
    connections.calls.length = 0;
    const renamed = await call("PATCH", `/v1/source-connections/${id}`, { key, json: { name: "Renamed" } });
    expect(renamed.body).toMatchObject({
      name: "Renamed",
      description: "old",
      schedule: { cron: "0 6 * * *" },
    });
    expect(connections.calls).toEqual([{ method: "update", id, request: { name: "Renamed" } }]);

    const cleared = await call("PATCH", `/v1/source-connections/${id}`, {
      key,
      json: { description: null, schedule: { cron: null } },
    });
    expect(cleared.body).toMatchObject({ description: null, schedule: null });
  });

  test("checks new config and credentials against the connection's own source", async () => {
    const { client, call, connections, key } = await setUp();
    const id = await newConnection(client, key);
    const bad = await call("PATCH", `/v1/source-connections/${id}`, { key, json: { config: { entity_count: -1 } } });
    expect([bad.status, at(bad.body, "detail", 0, "loc")]).toEqual([422, ["body", "config", "entity_count"]]);
    const json = { config: { entity_count: 7 }, authentication: { credentials: { stub_key: "new" } } };
    await call("PATCH", `/v1/source-connections/${id}`, { key, json });
    expect(connections.calls.at(-1)).toMatchObject({
      method: "update",
      request: { config: { entity_count: 7, seed: 42 }, credentials: { stub_key: "new" } },
    });
  });

  test("refuses a patch that changes nothing", async () => {
    const { client, call, key } = await setUp();
    const id = await newConnection(client, key);
    for (const json of [{}, { unknown: 1 }]) {
      const answer = await call("PATCH", `/v1/source-connections/${id}`, { key, json });
      expect(answer.status).toBe(422);
      expect(at(answer.body, "detail", 0, "msg")).toBe("At least one field must be provided for update");
    }
  });
});

test("delete answers with what was there, then 404, and the list no longer has it", async () => {
  const { client, call, key } = await setUp();
  const id = await newConnection(client, key, { name: "Orders" });
  expect((await call("DELETE", `/v1/source-connections/${id}`, { key })).body).toMatchObject({ id, name: "Orders" });
  expect((await call("DELETE", `/v1/source-connections/${id}`, { key })).status).toBe(404);
  expect((await call("GET", "/v1/source-connections", { key })).body).toEqual([]);
});

test("republish writes the connection's row again after a loss in D1", async () => {
  const { client, call, connections, key } = await setUp();
  const id = await newConnection(client, key);
  const answer = await call("POST", `/v1/source-connections/${id}/republish`, { key });
  expect(answer.body).toMatchObject({ id });
  expect(connections.calls.at(-1)).toMatchObject({ method: "republish", id });
});
