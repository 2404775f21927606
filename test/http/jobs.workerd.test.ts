import { describe, expect, test } from "vitest";

import { at, httpClient, textAt } from "#test/support/http-client";
import { aJob } from "#test/support/builders";
import { newConnection, newTenant } from "#test/support/tenant";

async function setUp() {
  const client = httpClient();
  const { key } = await newTenant(client);
  const id = await newConnection(client, key);
  client.connections.calls.length = 0;
  return { ...client, key, id, base: `/v1/source-connections/${id}` };
}

describe("run", () => {
  test("answers with the pending job, every key written out", async () => {
    const { call, key, id, base } = await setUp();
    const answer = await call("POST", `${base}/run`, { key });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      source_connection_id: id,
      status: "PENDING",
      started_at: null,
      completed_at: null,
      duration_seconds: null,
      entities_inserted: 0,
      entities_updated: 0,
      entities_deleted: 0,
      entities_failed: 0,
      error: null,
      error_category: null,
      error_details: null,
      created_at: "2026-03-15T09:30:00.000Z",
      trigger: "manual",
      sync_mode: "full",
      entities_kept: 0,
      waiting_until: null,
      waiting_reason: null,
    });
  });

  test("makes exactly one call, with what was asked for", async () => {
    const { call, connections, key, id, base } = await setUp();
    await call("POST", `${base}/run?force_full_sync=YES&on_conflict=queue&confirm_deletes=1`, {
      key,
      headers: { "idempotency-key": "deploy 42" },
    });
    const request = {
      trigger: "manual",
      forceFullSync: true,
      onConflict: "queue",
      confirmDeletes: true,
      idempotencyKey: "deploy 42",
    };
    expect(connections.calls).toEqual([{ method: "run", id, request }]);
  });

  test("needs no D1 for the root key", async () => {
    const { call, connections } = httpClient({ env: { DB: null } });
    connections.refusal = { code: "not_found", message: "SourceConnection not found" };
    const answer = await call("POST", "/v1/source-connections/550e8400-e29b-41d4-a716-446655440000/run");
    expect([answer.status, answer.body]).toEqual([404, { detail: "SourceConnection not found" }]);
    expect(connections.calls).toHaveLength(1);
  });

  test("ignores a body, whatever it is", async () => {
    const { call, key, base } = await setUp();
    expect((await call("POST", `${base}/run`, { key, raw: "{not json" })).status).toBe(200);
  });

  test("answers 409 with the job that is active", async () => {
    const { call, key, base } = await setUp();
    const first = await call("POST", `${base}/run`, { key });
    const second = await call("POST", `${base}/run`, { key });
    expect(second.status).toBe(409);
    expect(second.body).toEqual({ detail: "A sync job is already active.", job: first.body });
  });

  test.each([
    ["force_full_sync=maybe", "force_full_sync"],
    ["force_full_sync=", "force_full_sync"],
    ["force_full_sync=true&force_full_sync=false", "force_full_sync"],
    ["on_conflict=explode", "on_conflict"],
    ["confirm_deletes=2", "confirm_deletes"],
  ])("refuses ?%s with 422 and starts nothing", async (query, parameter) => {
    const { call, connections, key, base } = await setUp();
    const answer = await call("POST", `${base}/run?${query}`, { key });
    expect(answer.status).toBe(422);
    expect(at(answer.body, "detail", 0, "loc")).toEqual(["query", parameter]);
    expect(connections.calls).toEqual([]);
  });

  test.each([["x".repeat(256)], ["caf\u00e9"], [""]])("refuses the Idempotency-Key %j", async (value) => {
    const { call, key, base } = await setUp();
    const answer = await call("POST", `${base}/run`, { key, headers: { "idempotency-key": value } });
    expect(answer.status).toBe(422);
    expect(at(answer.body, "detail", 0, "loc")).toEqual(["header", "idempotency-key"]);
  });

  test.each(["true", "TRUE", "1", "yes", "On", "t", "Y"])("understands force_full_sync=%s as true", async (word) => {
    const { call, connections, key, base } = await setUp();
    await call("POST", `${base}/run?force_full_sync=${word}`, { key });
    expect(connections.calls[0]?.request).toMatchObject({ forceFullSync: true });
  });
});

describe("list", () => {
  test("is an array, and says in headers where it goes on", async () => {
    const { call, connections, key, id, base } = await setUp();
    const jobs = [1, 2, 3].map((number) =>
      aJob({ id: `00000000-0000-4000-8000-00000000000${number}`, connectionId: id }),
    );
    connections.at(id).jobsNow.push(...jobs);

    const first = await call("GET", `${base}/jobs?limit=2`, { key });
    expect(first.body).toMatchObject([{ id: jobs[0]?.id }, { id: jobs[1]?.id }]);
    expect(first.headers.get("x-next-cursor")).toBe("2");
    expect(first.headers.get("link")).toBe(`<${base}/jobs?limit=2&cursor=2>; rel="next"`);

    const last = await call("GET", `${base}/jobs?limit=2&cursor=2`, { key });
    expect(last.body).toMatchObject([{ id: jobs[2]?.id }]);
    expect(last.headers.get("x-next-cursor")).toBeNull();
    expect(last.headers.get("link")).toBeNull();
  });

  test.each([
    "0",
    "1001",
    "-1",
    "1e3",
    "%205",
    "0x10",
    "5.0",
    "+5",
    "1_0",
    "",
    "abc",
    "99999999999999999999",
    "5&limit=6",
  ])("refuses limit=%s", async (limit) => {
    const { call, key, base } = await setUp();
    const answer = await call("GET", `${base}/jobs?limit=${limit}`, { key });
    expect(answer.status).toBe(422);
    expect(at(answer.body, "detail", 0, "loc")).toEqual(["query", "limit"]);
  });
});

describe("a job", () => {
  test("shows times, durations, reasons and samples once there are any", async () => {
    const { call, connections, key, id, base } = await setUp();
    const createdAt = Date.UTC(2026, 2, 15, 9, 30);
    const failure = { stream: "issues", category: "rate_limited", message: "Too many requests." } as const;
    const rejection = { stream: "issues", id: "9", reason: "It is larger than 2 MB." };
    const job = aJob({
      connectionId: id,
      status: "FAILED",
      createdAt,
      startedAt: createdAt + 1000,
      completedAt: createdAt + 3500,
      counts: { inserted: 1, updated: 2, deleted: 3, kept: 4, failed: 5 },
      error: "Stream “issues”: Too many requests.",
      errorCategory: "rate_limited",
      failures: [failure],
      rejections: [rejection],
      wakeAt: null,
    });
    connections.at(id).jobsNow.push(job);
    const answer = await call("GET", `${base}/jobs/${job.id}`, { key });
    expect(answer.body).toMatchObject({
      started_at: "2026-03-15T09:30:01.000Z",
      completed_at: "2026-03-15T09:30:03.500Z",
      duration_seconds: 2.5,
      entities_inserted: 1,
      entities_updated: 2,
      entities_deleted: 3,
      entities_kept: 4,
      entities_failed: 5,
      error_category: "rate_limited",
      error_details: { streams: [failure], rejected: [rejection] },
    });
  });

  test("says what it waits for", async () => {
    const { call, connections, key, id, base } = await setUp();
    const waiting = { until: Date.UTC(2026, 2, 15, 10), reason: "The source asked for a pause." };
    connections.at(id).jobsNow.push(aJob({ connectionId: id, status: "RUNNING", waiting }));
    const answer = await call("GET", `${base}/jobs`, { key });
    expect(answer.body).toMatchObject([
      { waiting_until: "2026-03-15T10:00:00.000Z", waiting_reason: "The source asked for a pause." },
    ]);
  });

  test("of another connection is 404", async () => {
    const { call, connections, key, base } = await setUp();
    const other = await newConnection({ ...httpClient(), call, connections }, key);
    const job = aJob({ connectionId: other });
    connections.at(other).jobsNow.push(job);
    expect((await call("GET", `${base}/jobs/${job.id}`, { key })).status).toBe(404);
    expect((await call("POST", `${base}/jobs/${job.id}/cancel`, { key })).status).toBe(404);
  });
});

describe("cancel", () => {
  test("answers with the job, and 409 with it once it has ended", async () => {
    const { call, key, base } = await setUp();
    const id = textAt((await call("POST", `${base}/run`, { key })).body, "id");
    const cancelled = await call("POST", `${base}/jobs/${id}/cancel`, { key });
    expect(cancelled.body).toMatchObject({ id, status: "CANCELLED", duration_seconds: 0 });
    const again = await call("POST", `${base}/jobs/${id}/cancel`, { key });
    expect(again.status).toBe(409);
    expect(at(again.body, "job")).toEqual(cancelled.body);
  });
});
