import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test, vi } from "vitest";

import { at, httpClient, NOW, textAt } from "#test/support/http-client";

const RUN = "/v1/source-connections/550e8400-e29b-41d4-a716-446655440000/run";

afterEach(() => {
  vi.restoreAllMocks();
});

describe("bad bodies", () => {
  test.each([
    ["that is cut off", "{", "json_invalid"],
    ["with a key twice", '{"name":"One","name":"Two"}', "json_invalid"],
    ["with half of a surrogate pair", String.raw`{"name":"half \ud800"}`, "json_invalid"],
    ["that names __proto__", '{"__proto__":{"isAdmin":true},"name":"Name"}', "json_invalid"],
    ["of nothing but nesting", "[".repeat(900_000), "json_invalid"],
    ["that is no JSON", "\u0000", "json_invalid"],
    ["that is empty", "", "missing"],
  ])("a body %s is 422, and changes nothing", async (_which, raw, type) => {
    const { call } = httpClient();
    const before = (await call("GET", "/v1/collections/count")).body;
    const answer = await call("POST", "/v1/collections", { raw });
    expect(answer.status).toBe(422);
    expect(at(answer.body, "detail")).toEqual([{ loc: ["body"], msg: expect.any(String), type }]);
    expect((await call("GET", "/v1/collections/count")).body).toBe(before);
  });

  test("ten megabytes are 413", async () => {
    const answer = await httpClient().call("POST", "/v1/collections", { raw: "[".repeat(10_000_000) });
    expect(answer.status).toBe(413);
  });

  test("a form is 415", async () => {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const answer = await httpClient().call("POST", "/v1/collections", { raw: "name=Form", headers });
    expect([answer.status, at(answer.body, "detail")]).toEqual([415, expect.stringContaining("application/json")]);
  });

  test("nothing in the body reaches the prototype of anything", async () => {
    const raw = '{"name":"Name","constructor":{"prototype":{"isAdmin":true}},"toString":1}';
    const answer = await httpClient().call("POST", "/v1/collections", { raw });
    expect(answer.status).toBe(200);
    expect(Reflect.get({}, "isAdmin")).toBeUndefined();
  });
});

describe("faults", () => {
  test("say nothing but the request id, and leave one line that says all", async () => {
    const lines = vi.spyOn(console, "log").mockReturnValue();
    const { call, connections } = httpClient();
    connections.fault = new Error("secret detail of the database");
    const answer = await call("POST", RUN);
    const requestId = answer.headers.get("x-request-id");
    expect([answer.status, answer.body]).toEqual([
      500,
      { detail: `Internal error. Quote this request id: ${requestId}` },
    ]);
    const faults = lines.mock.calls.map(([line]) => String(line)).filter((line) => line.includes("unexpected_error"));
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(requestId);
    expect(faults[0]).toContain("secret detail of the database");
  });

  test("of an object that restarts are 503 and worth a retry", async () => {
    const { call, connections } = httpClient();
    connections.fault = Object.assign(new Error("Durable Object reset because its code was updated."), {
      retryable: true,
    });
    const answer = await call("POST", RUN);
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "5"]);
  });

  test.each(["table: source_connections", "column: c.is_paused at offset 12"])(
    "of D1, which has no %s before its migrations are applied, are 503 that says so",
    async (what) => {
      const { call, connections } = httpClient();
      connections.fault = new Error(`D1_ERROR: no such ${what}: SQLITE_ERROR`);
      const answer = await call("POST", RUN);
      expect(answer.status).toBe(503);
      expect(answer.text).toContain("Apply the migrations");
    },
  );

  test("of the configuration are 503 that names variables, never values", async () => {
    const { call } = httpClient({ env: { SLUICE_API_KEY: "short", SLUICE_ENCRYPTION_KEYS: "k1:not-a-real-key" } });
    const answer = await call("GET", "/v1/collections");
    expect(answer.status).toBe(503);
    expect(answer.text).toContain("SLUICE_API_KEY");
    expect(answer.text).toContain("SLUICE_ENCRYPTION_KEYS");
    expect(answer.text).not.toMatch(/"short|not-a-real-key/);
  });

  test("of a database without tables tell to apply the migrations", async () => {
    const failing = { prepare: () => ({ bind: () => ({ all: noTable, first: noTable }) }) };
    const { call } = httpClient({ env: { DB: failing } });
    const answer = await call("GET", "/v1/collections");
    expect([answer.status, textAt(answer.body, "detail")]).toEqual([503, expect.stringContaining("migrations apply")]);
    const ready = await call("GET", "/health/ready", { key: null });
    expect([ready.status, ready.body]).toMatchObject([
      503,
      { status: "not_ready", checks: { d1: { status: "down" } } },
    ]);
    // Whoever asks needs no key.
    expect(ready.text).not.toMatch(/D1_ERROR|SQLITE|a_table_of/);
  });
});

describe("addresses", () => {
  test.each(["/v1/nothing", "/v1/source-connections/x/y/z/a/b", "/nothing", "/v2/health"])(
    "%s is 404",
    async (path) => {
      const answer = await httpClient().call("GET", path);
      expect(answer.status).toBe(404);
      expect(textAt(answer.body, "detail")).toContain("/docs");
    },
  );

  test("HEAD answers like GET without a body; OPTIONS is told what is allowed", async () => {
    const { call } = httpClient();
    const head = await call("HEAD", "/v1/collections");
    expect([head.status, head.text]).toEqual([200, ""]);
    const options = await call("OPTIONS", "/v1/collections");
    expect([options.status, options.headers.get("allow")]).toEqual([405, "GET, HEAD, POST"]);
  });

  test.each(["PATCH", "DELETE", "OPTIONS"])(
    "counting collections can't be %s, though it looks like an id",
    async (method) => {
      const answer = await httpClient().call(method, "/v1/collections/count", { json: { name: "Renamed" } });
      expect([answer.status, answer.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    },
  );

  test("a request id from outside is not taken over", async () => {
    const answer = await httpClient().call("GET", "/health", { headers: { "x-request-id": "chosen" } });
    expect(answer.headers.get("x-request-id")).not.toBe("chosen");
  });
});

describe("rate limits", () => {
  const limited = { RATE_LIMIT_REQUESTS: "2", RATE_LIMIT_WINDOW_SECONDS: "10" };

  test("say where the caller stands, then 429 and when to come back", async () => {
    let now = NOW;
    const { call } = httpClient({ env: limited, now: () => now });
    const first = await call("GET", "/v1/sources");
    expect(["limit", "remaining", "reset"].map((name) => first.headers.get(`ratelimit-${name}`))).toEqual([
      "2",
      "1",
      String(NOW / 1000 + 10),
    ]);
    await call("GET", "/v1/sources");
    now += 2_500;
    const third = await call("GET", "/v1/sources");
    expect([third.status, third.headers.get("retry-after")]).toEqual([429, "8"]);
    expect(textAt(third.body, "detail")).toBe(
      "Rate limit exceeded. Please retry after 8 seconds. Limit: 2 requests per 10 seconds.",
    );
    now = NOW + 10_000;
    expect((await call("GET", "/v1/sources")).status).toBe(200);
  });

  test("also hold callers without a good key, by address, and spare the others and D1", async () => {
    const { call } = httpClient();
    const guess = (address: string, key: string | null) =>
      call("GET", "/v1/sources", { key, headers: { "cf-connecting-ip": address } });
    for (let attempt = 0; attempt < 300; attempt += 1) await guess("192.0.2.1", attempt % 2 === 0 ? null : "bad");
    const held = await guess("192.0.2.1", "bad");
    expect([held.status, held.headers.get("retry-after")]).toEqual([429, "60"]);
    expect((await guess("192.0.2.2", "bad")).status).toBe(403);
    expect((await guess("192.0.2.1", "test-root-key-0123456789")).status).toBe(200);
  });
});

test("who guesses keys that look like some costs D1 no more look-ups after a while", async () => {
  let lookUps = 0;
  const first = async () => {
    lookUps += 1;
    return null;
  };
  const { call } = httpClient({ env: { DB: { prepare: () => ({ bind: () => ({ first }) }) } } });
  for (let guess = 0; guess < 350; guess += 1) {
    const key = `slc_${String(guess).padStart(43, "0")}`;
    const { status } = await call("GET", "/v1/sources", { key, headers: { "cf-connecting-ip": "192.0.2.1" } });
    expect([guess, status]).toEqual([guess, guess < 300 ? 403 : 429]);
  }
  expect(lookUps).toBe(300);
});

/** What D1 itself says where the migrations were not applied. */
async function noTable(): Promise<unknown> {
  return env.DB.prepare("SELECT 1 FROM a_table_of_a_later_migration").first();
}
