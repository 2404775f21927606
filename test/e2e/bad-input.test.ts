import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";

import { refusalSchema, validationRefusalSchema } from "#http/schemas/refusal";
import { connect, runToEnd } from "./connection.ts";
import { sendRaw, type RawAnswer, type RawRequest } from "./raw-request.ts";
import { startSluice, type Sluice } from "./sluice.ts";

/*
 * Every wrong request gets the documented 4xx in the documented shape, changes nothing and leaks nothing. The requests
 * go out as raw HTTP, since `fetch` would mend some of them.
 */

const UNKNOWN_ID = "11111111-2222-4333-8444-555555555555";
/** In every request that carries credentials; no answer may repeat it. */
const SECRET = "s3cr3t-in-a-bad-request";

let sluice: Sluice;
let id: string;
let jobId: string;
let otherId: string;
let strangerKey: string;
let before: unknown;

beforeAll(async () => {
  sluice = await startSluice();
  ({ id } = await connect(sluice, stub()));
  ({ id: otherId } = await connect(sluice, stub()));
  ({ id: jobId } = await runToEnd(sluice, id));
  const organization = await sluice.call("POST", "/organizations", { body: { name: "Strangers" } });
  const { id: organization_id } = z.object({ id: z.string() }).parse(organization.body);
  const key = await sluice.call("POST", "/api-keys", { body: { name: "Stranger", organization_id } });
  strangerKey = z.object({ key: z.string() }).parse(key.body).key;
  before = await everything();
});
afterAll(() => sluice?.close());

function stub() {
  return { short_name: "stub", config: { entity_count: 3 }, credentials: { stub_key: SECRET } };
}

/** Everything that a wrong request could have changed. */
async function everything() {
  const paths = ["/source-connections?limit=1000", "/collections?limit=1000", "/api-keys?limit=1000", "/organizations"];
  for (const each of [id, otherId]) {
    paths.push(
      `/source-connections/${each}`,
      `/source-connections/${each}/jobs`,
      `/source-connections/${each}/entities`,
    );
  }
  return Promise.all(paths.map(async (path) => [path, (await sluice.call("GET", path)).body]));
}

type Wrong = Omit<RawRequest, "headers"> & {
  readonly headers?: Record<string, string | string[]>;
  readonly key?: string | null;
};

async function send({ key = sluice.apiKey, headers = {}, ...rest }: Wrong): Promise<RawAnswer> {
  const authorization: Record<string, string> = key === null ? {} : { authorization: `Bearer ${key}` };
  return sendRaw(sluice.address, { ...rest, headers: { ...authorization, ...headers } });
}

/**
 * Sends a wrong request, sees to it that the answer is the expected refusal, in the documented shape, and leaks
 * nothing. Answers with its body.
 */
async function refusalOf(wrong: Wrong, status: number): Promise<string> {
  const answer = await send(wrong);
  const request = `${wrong.method} ${wrong.path.slice(0, 100)}`;
  expect({ request, ...answer }).toMatchObject({ request, status });
  expect(answer.headers).toMatchObject({
    "x-request-id": expect.any(String),
    "content-type": expect.stringContaining("application/json"),
  });
  expect("allow" in answer.headers).toBe(status === 405);
  const schema = status === 422 ? validationRefusalSchema.strict() : refusalSchema.loose();
  schema.parse(JSON.parse(answer.text));
  expectNoLeak(answer.text);
  return answer.text;
}

function expectNoLeak(text: string): void {
  expect(text).not.toContain(sluice.apiKey);
  expect(text).not.toContain(SECRET);
  // A stack, a path of this machine, or SQL.
  expect(text).not.toMatch(/\n\s+at |\.[jt]s:\d|node_modules|\/src\/|SQLITE|SELECT |D1_ERROR|ZodError/);
}

const JSON_TYPE = { "content-type": "application/json" };
const json = (value: unknown) => ({ headers: JSON_TYPE, body: JSON.stringify(value) });

const deep = (depth: number) => "[".repeat(depth) + "]".repeat(depth);

/** Every route, from the document that the server itself gives out. */
async function routes(): Promise<{ method: string; path: string; hasBody: boolean }[]> {
  const response = await fetch(`${sluice.address}/openapi.json`);
  const operation = z.object({ requestBody: z.unknown().optional(), security: z.array(z.unknown()) });
  const document = z
    .object({ paths: z.record(z.string(), z.record(z.string(), operation)) })
    .parse(await response.json());
  return Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(([, { security }]) => security.length > 0)
      .map(([method, { requestBody }]) => ({ method: method.toUpperCase(), path, hasBody: requestBody !== undefined })),
  );
}

interface Names {
  readonly id?: string;
  readonly job_id?: string;
}

function filled(path: string, names: Names = {}): string {
  return path
    .replace("{id}", names.id ?? id)
    .replace("{job_id}", names.job_id ?? jobId)
    .replace("{readable_id}", "default")
    .replace("{short_name}", "stub")
    .replace("{stream}", "entities")
    .replace("{entity_id}", "nope");
}

describe("every route", () => {
  test("without a key is 401, with a bad one 403, in whichever header", async () => {
    for (const { method, path } of await routes()) {
      const request = { method, path: filled(path) };
      expect(await refusalOf({ ...request, key: null }, 401)).toMatch(/Authorization: Bearer KEY/);
      expect(await refusalOf({ ...request, key: "slc_wrong" }, 403)).toMatch(/Invalid or expired API key/);
    }
    const request = { method: "GET", path: "/v1/sources", key: null };
    const headers: [Record<string, string>, number][] = [
      [{ "x-api-key": "" }, 401],
      [{ "x-api-key": "wrong" }, 403],
      [{ authorization: "Bearer" }, 401],
      [{ authorization: `Basic ${btoa(`root:${sluice.apiKey}`)}` }, 401],
      [{ authorization: `Bearer ${sluice.apiKey}x` }, 403],
      [{ authorization: `Bearer ${"x".repeat(8_000)}` }, 403],
      [{ "x-api-key": "Kluc\u00e7" }, 403],
    ];
    for (const [wrong, status] of headers)
      expect(await refusalOf({ ...request, headers: wrong }, status)).toContain("detail");
  });

  test("with an id that is no UUID is 422 that says which", async () => {
    for (const { method, path } of await routes()) {
      for (const name of ["id", "job_id"].filter((each) => path.includes(`{${each}}`))) {
        for (const bad of ["1", "not-a-uuid", `${UNKNOWN_ID}0`, "%00", "..%2f..", "'%20OR%201=1--"]) {
          const text = await refusalOf({ method, path: filled(path, { [name]: bad }), ...json({}) }, 422);
          expect(text).toContain(`["path","${name}"]`);
        }
      }
    }
  });

  test("with the id of nothing, or of another organization's connection, is 404", async () => {
    const bodies: Record<string, unknown> = {
      "PATCH /v1/source-connections/{id}": { name: "Renamed by a stranger" },
      "POST /v1/source-connections/{id}/webhook": { verification: { scheme: "none" } },
      "PATCH /v1/source-connections/{id}/webhook": { verification: { scheme: "none" } },
    };
    for (const { method, path } of await routes()) {
      if (!path.includes("/source-connections/{id}")) continue;
      const given = bodies[`${method} ${path}`];
      const body = given === undefined ? {} : json(given);
      expect(await refusalOf({ method, path: filled(path, { id: UNKNOWN_ID }), ...body }, 404)).toContain("detail");
      expect(await refusalOf({ method, path: filled(path), key: strangerKey, ...body }, 404)).toContain("detail");
    }
  });

  test("with a method that it does not have is 405 and names those that it has", async () => {
    const known = new Map<string, Set<string>>();
    for (const { method, path } of await routes()) known.set(path, (known.get(path) ?? new Set()).add(method));
    for (const [path, methods] of known) {
      const text = await refusalOf({ method: "PUT", path: filled(path), ...json({}) }, 405);
      for (const method of methods) expect(text).toContain(method);
    }
  });
});

test("a job of another connection is 404 there", async () => {
  const path = `/v1/source-connections/${otherId}/jobs/${jobId}`;
  expect(await refusalOf({ method: "GET", path }, 404)).toContain("Sync job not found");
  expect(await refusalOf({ method: "POST", path: `${path}/cancel` }, 404)).toContain("Sync job not found");
});

test("another organization's collections, keys and organizations are out of reach", async () => {
  const own = await sluice.call("GET", "/api-keys");
  expect(own.body).toEqual([]);
  for (const [method, path, body] of [
    ["GET", "/v1/organizations", undefined],
    ["POST", "/v1/organizations", { name: "Mine" }],
    ["POST", "/v1/api-keys", { name: "Theirs", organization_id: "00000000-0000-4000-8000-000000000001" }],
    ["GET", "/v1/api-keys?organization_id=00000000-0000-4000-8000-000000000001", undefined],
  ] as const) {
    const request = { method, path, key: strangerKey, ...(body === undefined ? {} : json(body)) };
    expect(await refusalOf(request, 403)).toContain("root key");
  }
  const listed = await sluice.call("GET", "/source-connections", { key: strangerKey });
  expect(listed.body).toEqual([]);
});

test.for([
  ["GET", "/v1"],
  ["GET", "/v1/nothing"],
  ["POST", "/v1/collections/default/search"],
  ["GET", "/v1//sources"],
  ["GET", "/v1/sources/stub/more"],
  ["GET", "/V1/sources"],
  ["GET", "/v1/sources/%2e%2e/%2e%2e/etc/passwd"],
  ["GET", "/.dev.vars"],
  ["GET", "/src/index.ts"],
] as const)("%s %s is nowhere: 404", async ([method, path]) => {
  expect(await refusalOf({ method, path }, 404)).toContain("detail");
});

describe("bodies", () => {
  const bodies: readonly (readonly [string, Omit<RawRequest, "method" | "path">, number, RegExp])[] = [
    ["without a content type", { body: "{}" }, 415, /content-type: application\/json/],
    ["as text", { headers: { "content-type": "text/plain" }, body: "{}" }, 415, /detail/],
    [
      "as a form",
      { headers: { "content-type": "application/x-www-form-urlencoded" }, body: "name=abcd" },
      415,
      /detail/,
    ],
    ["none", { headers: JSON_TYPE }, 422, /the body is empty/],
    ["empty", { headers: JSON_TYPE, body: "" }, 422, /the body is empty/],
    ["only spaces", { headers: JSON_TYPE, body: "   " }, 422, /not acceptable JSON/],
    ["not JSON", { headers: JSON_TYPE, body: "name: abcd" }, 422, /not acceptable JSON/],
    ["JSON cut short", { headers: JSON_TYPE, body: `{"name": "abc` }, 422, /not closed/],
    ["JSON and more", { headers: JSON_TYPE, body: `{"name":"abcd"} x` }, 422, /after its end/],
    ["JSON with a comment", { headers: JSON_TYPE, body: `{"name":"abcd"/**/}` }, 422, /detail/],
    ["NaN", { headers: JSON_TYPE, body: `{"name":NaN}` }, 422, /detail/],
    ["a number beyond a double", { headers: JSON_TYPE, body: `{"name":1e999}` }, 422, /too large/],
    ["a list", json([]), 422, /detail/],
    ["a string", json("name"), 422, /detail/],
    ["null", json(null), 422, /detail/],
    ["a key twice", { headers: JSON_TYPE, body: `{"name":"abcd","name":"efgh"}` }, 422, /occurs twice/],
    ["a key twice, once escaped", { headers: JSON_TYPE, body: `{"name":"abcd","n\\u0061me":"efgh"}` }, 422, /twice/],
    ["__proto__", { headers: JSON_TYPE, body: `{"__proto__":{"name":"abcd"}}` }, 422, /__proto__/],
    ["a lone surrogate", { headers: JSON_TYPE, body: `{"name":"abc\\ud800"}` }, 422, /surrogate/],
    ["a lone surrogate as a key", { headers: JSON_TYPE, body: `{"\\udc00":"abcd"}` }, 422, /surrogate/],
    ["a control character", { headers: JSON_TYPE, body: `{"name":"ab\ncd"}` }, 422, /control character/],
    ["bytes that are not UTF-8", { headers: JSON_TYPE, body: new Uint8Array([0x22, 0xff, 0x22]) }, 422, /UTF-8/],
    ["UTF-16", { headers: JSON_TYPE, body: Buffer.from(`{"name":"abcd"}`, "utf16le") }, 422, /detail/],
    ["900 kB of nesting", { headers: JSON_TYPE, body: deep(450_000) }, 422, /nested deeper/],
    ["10 MB of nesting", { headers: JSON_TYPE, body: deep(5_000_000) }, 413, /too large/],
    ["10 MB of nesting in chunks", { headers: JSON_TYPE, body: deep(5_000_000), chunked: true }, 413, /too large/],
    ["a name of 2 MB", json({ name: "x".repeat(2_000_000) }), 413, /too large/],
  ];
  test.for(bodies)("%s: refused wherever a body is expected", async ([, body, status, detail]) => {
    const withBody = (await routes()).filter(({ hasBody }) => hasBody);
    for (const { method, path } of withBody) {
      expect(await refusalOf({ method, path: filled(path), ...body }, status)).toMatch(detail);
    }
  });
});

describe("fields", () => {
  const good = {
    name: "Good enough",
    short_name: "stub",
    readable_collection_id: "default",
    authentication: { credentials: { stub_key: SECRET } },
  };
  test.for<readonly [string, object, number, string]>([
    ["a name that is too short", { name: "abc" }, 422, `"name"`],
    ["a name that is too long", { name: "x".repeat(43) }, 422, `"name"`],
    ["a name that is a number", { name: 12345 }, 422, `"name"`],
    ["no source", { short_name: undefined }, 422, `"short_name"`],
    ["an empty source", { short_name: "" }, 422, `"short_name"`],
    ["a source that is a list", { short_name: ["stub"] }, 422, `"short_name"`],
    ["a source that does not exist", { short_name: "airtable" }, 404, "airtable"],
    ["a source with an odd name", { short_name: "constructor" }, 404, "constructor"],
    ["a collection that does not exist", { readable_collection_id: "nowhere" }, 404, "Collection not found"],
    ["a collection that is null", { readable_collection_id: null }, 422, `"readable_collection_id"`],
    ["a collection that is far too long", { readable_collection_id: "x".repeat(201) }, 422, `"readable_collection_id"`],
    ["a description that is too long", { description: "x".repeat(256) }, 422, `"description"`],
    ["a config that is a list", { config: [] }, 422, `"config"`],
    ["a config field of a wrong type", { config: { entity_count: "3" } }, 422, `["body","config","entity_count"]`],
    ["a config field out of range", { config: { entity_count: 100_001 } }, 422, `["body","config","entity_count"]`],
    ["a config field that is no whole number", { config: { seed: 1.5 } }, 422, `["body","config","seed"]`],
    ["no credentials", { authentication: undefined }, 422, "stub_key"],
    ["empty authentication", { authentication: {} }, 422, "stub_key"],
    ["empty credentials", { authentication: { credentials: {} } }, 422, `"stub_key"`],
    ["credentials that are a string", { authentication: { credentials: SECRET } }, 422, `"credentials"`],
    ["credentials of a wrong type", { authentication: { credentials: { stub_key: [SECRET] } } }, 422, `"stub_key"`],
    [
      "authentication with more in it",
      { authentication: { credentials: { stub_key: SECRET }, more: 1 } },
      422,
      `"more"`,
    ],
    ["a token", { authentication: { access_token: SECRET } }, 422, "direct credentials"],
    ["a browser's OAuth", { authentication: { redirect_uri: "https://example.com" } }, 422, "direct credentials"],
    ["an auth provider", { authentication: { provider_readable_id: "p" } }, 422, "direct credentials"],
    ["a bad schedule", { schedule: { cron: "every day" } }, 422, "CRON"],
    ["a schedule that is a string", { schedule: "0 6 * * *" }, 422, `"schedule"`],
    ["a flag that is a word", { sync_immediately: "yes" }, 422, `"sync_immediately"`],
    ["unknown settings", { sync_settings: { retries: 3 } }, 422, `"retries"`],
    ["settings out of range", { sync_settings: { delete_guard_ratio: 2 } }, 422, `"delete_guard_ratio"`],
    ["settings below the range", { sync_settings: { job_deadline_seconds: 0 } }, 422, `"job_deadline_seconds"`],
  ])("a source connection with %s", async ([, wrong, status, says]) => {
    const body = json({ ...good, sync_immediately: false, ...wrong });
    expect(await refusalOf({ method: "POST", path: "/v1/source-connections", ...body }, status)).toContain(says);
  });

  test.for<readonly [string, object, string]>([
    ["nothing", {}, "At least one field"],
    ["nothing that is known", { nonsense: 1 }, "At least one field"],
    ["a name that is null", { name: null }, `"name"`],
    ["a name that is too short", { name: "abc" }, `"name"`],
    ["a config out of range", { config: { entity_count: 0 } }, `["body","config","entity_count"]`],
    ["credentials of a wrong type", { authentication: { credentials: { stub_key: 1 } } }, `"stub_key"`],
    ["a token", { authentication: { access_token: SECRET } }, "direct credentials"],
    ["a bad schedule", { schedule: { cron: "61 * *" } }, "CRON"],
    ["settings that are null", { sync_settings: null }, `"sync_settings"`],
  ])("a change of a source connection with %s", async ([, wrong, says]) => {
    const path = `/v1/source-connections/${id}`;
    expect(await refusalOf({ method: "PATCH", path, ...json(wrong) }, 422)).toContain(says);
  });

  test.for<readonly [string, string, object, number, string]>([
    ["POST", "/v1/collections", {}, 422, `"name"`],
    ["POST", "/v1/collections", { name: "abc" }, 422, `"name"`],
    ["POST", "/v1/collections", { name: "x".repeat(65) }, 422, `"name"`],
    ["POST", "/v1/collections", { name: "Good", readable_id: "Not Good" }, 422, `"readable_id"`],
    ["POST", "/v1/collections", { name: "Good", readable_id: "double--hyphen" }, 422, `"readable_id"`],
    ["POST", "/v1/collections", { name: "Good", readable_id: "count" }, 422, "reserved"],
    ["POST", "/v1/collections", { name: "Good", readable_id: "default" }, 400, "already"],
    ["PATCH", "/v1/collections/default", {}, 422, "At least one field"],
    ["PATCH", "/v1/collections/default", { name: "abc" }, 422, `"name"`],
    ["PATCH", "/v1/collections/nowhere", { name: "Somewhere" }, 404, "Collection not found"],
    ["POST", "/v1/api-keys", {}, 422, `"name"`],
    ["POST", "/v1/api-keys", { name: "  " }, 422, `"name"`],
    ["POST", "/v1/api-keys", { name: "Key", expires_in_days: 0 }, 422, `"expires_in_days"`],
    ["POST", "/v1/api-keys", { name: "Key", expires_at: "2020-01-01T00:00:00Z" }, 422, "future"],
    ["POST", "/v1/api-keys", { name: "Key", expires_at: "tomorrow" }, 422, `"expires_at"`],
    ["POST", "/v1/api-keys", { name: "Key", expires_at: "2099-01-01T00:00:00Z", expires_in_days: 1 }, 422, "not both"],
    ["POST", "/v1/api-keys", { name: "Key", organization_id: "mine" }, 422, `"organization_id"`],
    ["POST", "/v1/api-keys", { name: "Key", organization_id: UNKNOWN_ID }, 404, "Organization not found"],
    ["POST", "/v1/organizations", { name: "" }, 422, `"name"`],
    ["POST", "/v1/organizations", { name: "x".repeat(101) }, 422, `"name"`],
  ])("%s %s with %j", async ([method, path, wrong, status, says]) => {
    expect(await refusalOf({ method, path, ...json(wrong) }, status)).toContain(says);
  });
});

describe("queries", () => {
  test("a limit that is no whole number from 1 to 1000", async () => {
    const words = ["abc", "1.5", "1e2", "", "%20", "0x10", "%EF%BC%91"];
    const values = ["0", "1001", "-1", "99999999999999999999", "1&limit=2", ...words];
    const connection = `/v1/source-connections/${id}`;
    const lists = ["/v1/source-connections", "/v1/collections", "/v1/api-keys", "/v1/organizations"];
    for (const path of [...lists, `${connection}/jobs`, `${connection}/entities`, `${connection}/changes`]) {
      for (const value of values) {
        const request = { method: "GET", path: `${path}?limit=${value}` };
        expect(await refusalOf(request, 422)).toContain(`["query","limit"]`);
      }
    }
  });

  test.for<readonly [string, string, string]>([
    ["GET", "/v1/collections?skip=-1", "skip"],
    ["GET", "/v1/collections?skip=1e9", "skip"],
    ["GET", `/v1/collections?search=${"x".repeat(201)}`, "search"],
    ["GET", `/v1/collections/count?search=${"x".repeat(201)}`, "search"],
    ["GET", `/v1/source-connections?collection=${"x".repeat(201)}`, "collection"],
    ["GET", "/v1/source-connections?skip=one", "skip"],
    ["POST", "/v1/source-connections/ID/run?force_full_sync=maybe", "force_full_sync"],
    ["POST", "/v1/source-connections/ID/run?force_full_sync=", "force_full_sync"],
    ["POST", "/v1/source-connections/ID/run?force_full_sync=true&force_full_sync=false", "force_full_sync"],
    ["POST", "/v1/source-connections/ID/run?confirm_deletes=2", "confirm_deletes"],
    ["POST", "/v1/source-connections/ID/run?on_conflict=wait", "on_conflict"],
    ["POST", "/v1/source-connections/ID/run?on_conflict=REJECT", "on_conflict"],
    ["GET", "/v1/source-connections/ID/jobs?cursor=nonsense", "cursor"],
    ["GET", "/v1/source-connections/ID/jobs?cursor=", "cursor"],
    ["GET", "/v1/source-connections/ID/entities?cursor=nonsense", "cursor"],
    ["GET", "/v1/source-connections/ID/entities?cursor=WzAsMV0", "cursor"],
    ["GET", `/v1/source-connections/ID/entities?cursor=${"x".repeat(4_097)}`, "cursor"],
    ["GET", "/v1/source-connections/ID/entities?stream=", "stream"],
    ["GET", `/v1/source-connections/ID/entities?stream=${"x".repeat(4_097)}`, "stream"],
    ["GET", `/v1/source-connections/ID/entities/export?stream=${"x".repeat(4_097)}`, "stream"],
    ["GET", "/v1/source-connections/ID/changes?since=nonsense", "since"],
    ["GET", "/v1/source-connections/ID/changes?since=", "since"],
    ["GET", "/v1/source-connections/ID/changes?since=abcdefgh.1.0", "since"],
    ["GET", `/v1/source-connections/ID/changes?since=${"9".repeat(4_097)}`, "since"],
  ])("%s %s", async ([method, path, name]) => {
    expect(await refusalOf({ method, path: path.replace("ID", id) }, 422)).toContain(`["query","${name}"]`);
  });

  test("an Idempotency-Key that is empty, too long or no ASCII", async () => {
    for (const value of ["", "x".repeat(256), "caf\u00e9", "tab\tinside"]) {
      const headers = { "idempotency-key": value };
      const request = { method: "POST", path: `/v1/source-connections/${id}/run`, headers };
      expect(await refusalOf(request, 422)).toContain(`["header","idempotency-key"]`);
    }
  });
});

test("paths with odd encodings are refused, and crash nothing", async () => {
  for (const odd of ["%", "%zz", "%ff", "%00", "%ed%a0%80", "a".repeat(5_000), "%2e%2e%2f", "\u00e9"]) {
    for (const path of [
      `/v1/collections/${odd}`,
      `/v1/sources/${odd}`,
      `/v1/source-connections/${odd}`,
      `/v1/source-connections/${id}/entities/entities/${odd}`,
      `/v1/source-connections/${id}/entities/${odd}/1`,
    ]) {
      const { status, text } = await send({ method: "GET", path: encodeRaw(path) });
      const label = path.slice(0, 120);
      expect([400, 404, 414, 422].map((refused) => `${label}: ${refused}`)).toContain(`${label}: ${status}`);
      expectNoLeak(text);
    }
  }
});

test("a password in an address is refused without repeating it", async () => {
  const body = json({
    short_name: "couchdb",
    config: { url: `http://user:${SECRET}@127.0.0.1:1`, databases: ["x"] },
    authentication: { credentials: { username: "u", password: SECRET } },
  });
  const request = { method: "POST", path: "/v1/source-connections", ...body };
  expect(await refusalOf(request, 422)).toContain("user name or password");
});

test("after all of this everything is as it was", async () => {
  expect(await everything()).toEqual(before);
});

/** node:http sends no characters beyond Latin-1 in a path; as bytes they are what a careless client sends. */
function encodeRaw(path: string): string {
  return Buffer.from(path, "utf8").toString("latin1");
}
