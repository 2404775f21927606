import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";

import { httpClient, ROOT_KEY } from "#test/support/http-client";
import { newConnection } from "#test/support/tenant";

async function setUp(count = 0) {
  const client = httpClient();
  const id = await newConnection(client, ROOT_KEY);
  const entities = client.connections.at(id).entitiesNow;
  for (let number = 0; number < count; number += 1)
    entities.push({ stream: "issues", id: String(number), data: { number } });
  client.connections.calls.length = 0;
  return { ...client, id, entities, base: `/v1/source-connections/${id}` };
}

const SEEN = { first_seen_at: "2026-03-15T09:30:00.000Z", last_modified_at: "2026-03-15T09:30:00.000Z" };
const JOB_ID = "770e8400-e29b-41d4-a716-446655440000";

describe("entities", () => {
  test("come in pages, each with the cursor of the next", async () => {
    const { call, base } = await setUp(3);
    const first = await call("GET", `${base}/entities?limit=2`);
    expect(first.body).toEqual({
      entities: [0, 1].map((number) => ({
        stream: "issues",
        id: String(number),
        data: { number },
        ...SEEN,
        job_id: JOB_ID,
      })),
      next_cursor: "2",
      has_more: true,
    });
    const last = await call("GET", `${base}/entities?limit=2&cursor=2`);
    expect(last.body).toMatchObject({ entities: [{ id: "2" }], next_cursor: null, has_more: false });
  });

  test("can be asked for by stream", async () => {
    const { call, connections, entities, base } = await setUp(1);
    entities.push({ stream: "pulls", id: "1", data: {} });
    const answer = await call("GET", `${base}/entities?stream=pulls`);
    expect(answer.body).toMatchObject({ entities: [{ stream: "pulls" }] });
    expect(connections.calls[0]?.request).toEqual({ stream: "pulls", limit: 100, cursor: null });
  });

  test.each([
    "42",
    "a/b/c",
    "100%",
    "%2F",
    "a b?c#d&e=f",
    "../../../etc/passwd",
    '["acme/shop",7]',
    "naïve-日本-😀",
    "line\nbreak",
    "trailing/",
    "export",
  ])("can be asked for one by one, whatever the id: %j", async (entityId) => {
    const { call, entities, base } = await setUp();
    entities.push({ stream: "my/stream", id: entityId, data: { ok: true } });
    const answer = await call(
      "GET",
      `${base}/entities/${encodeURIComponent("my/stream")}/${encodeURIComponent(entityId)}`,
    );
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ stream: "my/stream", id: entityId, data: { ok: true } });
  });

  test("answers 404 for an entity that is not there", async () => {
    const { call, base } = await setUp(1);
    const answer = await call("GET", `${base}/entities/issues/99`);
    expect([answer.status, answer.body]).toEqual([404, { detail: "Entity not found" }]);
  });
});

describe("export", () => {
  test("is one entity a line, all of them, over as many pages as it takes", async () => {
    const { call, connections, base } = await setUp(2_500);
    const answer = await call("GET", `${base}/entities/export`);
    expect(answer.headers.get("content-type")).toBe("application/x-ndjson");
    const lines = answer.text.trimEnd().split("\n");
    expect(lines.map((line): unknown => JSON.parse(line).id)).toEqual(
      Array.from({ length: 2_500 }, (_, id) => String(id)),
    );
    expect(connections.calls).toHaveLength(3);
  });

  test("is what the entities are with Accept: application/x-ndjson", async () => {
    const { call, base } = await setUp(2);
    const headers = { accept: "application/x-ndjson" };
    const answer = await call("GET", `${base}/entities`, { headers });
    expect(answer.text).toBe((await call("GET", `${base}/entities/export`)).text);
  });

  test.each(["application/json", "application/x-ndjson"])(
    "and the list as %s are of the stream that is asked for, and go on from the cursor",
    async (accept) => {
      const { call, connections, base } = await setUp(3);
      const headers = { accept };
      await call("GET", `${base}/entities?stream=pulls&cursor=2`, { headers });
      await call("GET", `${base}/entities/export?stream=pulls`, { headers });
      expect(connections.calls.map(({ request }) => request)).toMatchObject([
        { stream: "pulls", cursor: "2" },
        { stream: "pulls", cursor: null },
      ]);
    },
  );

  test("reads a page only when the reader has taken the one before, so a slow one fills no memory", async () => {
    const { app, connections, base } = await setUp(5_000);
    const headers = { authorization: `Bearer ${ROOT_KEY}` };
    const response = await app.request(`${base}/entities/export`, { headers }, env);
    expect(connections.calls).toHaveLength(1);
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.read();
    expect(connections.calls.length).toBeLessThanOrEqual(3);
    await reader?.cancel();
  });

  test("breaks off where a page can't be read, instead of looking complete", async () => {
    const { app, connections, base } = await setUp(1_500);
    const headers = { authorization: `Bearer ${ROOT_KEY}` };
    const response = await app.request(`${base}/entities/export`, { headers }, env);
    connections.fault = new Error("The object is gone.");
    await expect(response.text()).rejects.toThrow("The object is gone.");
  });

  test("is empty for an empty copy, and 404 with a body for no connection", async () => {
    const { call, base } = await setUp();
    expect((await call("GET", `${base}/entities/export`)).text).toBe("");
    const nothing = await call("GET", "/v1/source-connections/11111111-1111-4111-8111-111111111111/entities/export");
    expect([nothing.status, nothing.body]).toEqual([404, { detail: "SourceConnection not found" }]);
  });
});

describe("changes", () => {
  test("follow `since`, and always say where to go on", async () => {
    const { call, connections, base } = await setUp(2);
    const first = await call("GET", `${base}/changes?limit=1`);
    expect(first.body).toEqual({
      changes: [
        { op: "upsert", stream: "issues", id: "0", entity: { number: 0 }, job_id: JOB_ID, at: SEEN.first_seen_at },
      ],
      next_cursor: "1",
      has_more: true,
    });
    const rest = await call("GET", `${base}/changes?since=1`);
    expect(rest.body).toMatchObject({ changes: [{ id: "1" }], next_cursor: "2", has_more: false });
    expect(connections.calls.at(-1)?.request).toEqual({ limit: 100, since: "1" });
  });

  test("begin with the newest where that is asked for, and say where to look further back and where to follow", async () => {
    const { call, connections, base } = await setUp(3);
    const newest = await call("GET", `${base}/changes?order=newest_first&limit=2`);
    expect(newest.body).toMatchObject({
      changes: [{ id: "2" }, { id: "1" }],
      next_cursor: "3",
      older_cursor: "1",
      has_more: true,
    });
    const older = await call("GET", `${base}/changes?order=newest_first&before=1`);
    expect(older.body).toMatchObject({ changes: [{ id: "0" }], older_cursor: null, has_more: false });
    expect(connections.calls.at(-1)?.request).toEqual({ limit: 100, before: "1" });
  });

  test.each([
    ["order=newest_first&since=1", "since"],
    ["before=1", "before"],
    ["order=newest_first&before=", "before"],
    ["order=newest", "order"],
  ])("refuse ?%s, naming what does not fit", async (query, name) => {
    const { call, base } = await setUp(3);
    const answer = await call("GET", `${base}/changes?${query}`);
    expect(answer.status).toBe(422);
    expect(answer.body).toMatchObject({ detail: [{ loc: ["query", name] }] });
  });

  test("hand a refused cursor on as 422", async () => {
    const { call, connections, base } = await setUp();
    const issue = { loc: ["query", "since"], msg: "This cursor is not from this feed.", type: "value_error" };
    connections.refusal = { code: "invalid", message: issue.msg, issues: [issue] };
    const answer = await call("GET", `${base}/changes?since=nonsense`);
    expect([answer.status, answer.body]).toEqual([422, { detail: [issue] }]);
  });
});
