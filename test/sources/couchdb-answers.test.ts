import { afterEach, beforeEach, describe, expect, test } from "vitest";

import type { Json, JsonObject } from "#core/json";
import { couchdb } from "#sources/couchdb/source";
import { MemoryKeepsakes } from "#sources/memory-keepsakes";
import { CursorLost } from "#sources/source";
import { readPages } from "#test/support/copy";
import {
  inTurn,
  json,
  startUpstream,
  text,
  type Handler,
  type ScriptedUpstream,
} from "#test/support/scripted-upstream";
import { testHttp } from "#test/support/test-http";

let upstream: ScriptedUpstream;
beforeEach(async () => {
  upstream = await startUpstream(() => json({ db_name: "books" }));
});
afterEach(() => upstream.close());

function open(credentials: JsonObject = { token: "jwt-token" }, path = "") {
  return couchdb.open({
    config: { url: upstream.url + path, databases: ["books"], page_size: 2 },
    credentials,
    http: testHttp(),
    keepsakes: new MemoryKeepsakes(),
    now: () => 0,
  });
}

const read = (cursor: Json = null) => readPages(open(), { stream: "books", cursor });

const change = (seq: Json, id: string, more: object = {}) => ({
  seq,
  id,
  changes: [{ rev: "1-a" }],
  doc: { _id: id, _rev: "1-a" },
  ...more,
});

const twoChangesTo = (last: Json) => ({ results: [change(last, "a"), change(last, "b")], last_seq: last });

/** A CouchDB whose database answers `info` and whose feed answers `pages`, by `since`. */
const couch =
  (pages: Readonly<Record<string, unknown>>, info: object = { instance_start_time: "0" }): Handler =>
  ({ url }) => {
    if (!url.pathname.endsWith("/_changes")) return json({ db_name: "books", ...info });
    const page = pages[url.searchParams.get("since") ?? ""];
    return page === undefined ? json({ error: "unexpected since" }, { status: 400 }) : json(page);
  };

describe("couchdb, with the string sequences of CouchDB 2, 3 and Cloudant", () => {
  const clustered = {
    "0": { results: [change("1-aa", "a"), change("2-ab", "b")], last_seq: "2-ab", pending: 1 },
    "2-ab": { results: [change("3-ac", "c")], last_seq: "3-ac", pending: 0 },
    "3-ac": { results: [], last_seq: "3-ac", pending: 0 },
  };

  test("sends a sequence back as it came", async () => {
    upstream.handle(couch(clustered));
    const pages = await read();
    const later = await read(pages.at(-1)?.end?.cursor);

    expect(pages.flatMap((page) => page.records)).toHaveLength(3);
    expect(later).toMatchObject([{ records: [], end: { complete: false } }]);
    const asked = upstream.requests.filter(({ url }) => url.pathname.endsWith("/_changes"));
    expect(asked.map(({ url }) => url.searchParams.get("since"))).toEqual(["0", "2-ab", "3-ac"]);
    expect(asked.map(({ url }) => url.searchParams.get("include_docs"))).toEqual(["true", "true", "true"]);
  });

  test("takes a full page for the last one where nothing is pending, which saves a request", async () => {
    upstream.handle(couch({ "0": { results: [change("1-a", "a"), change("2-b", "b")], last_seq: "2-b", pending: 0 } }));

    expect(await read()).toMatchObject([{ end: { complete: true } }]);
  });

  test.each<[string, unknown]>([
    ["with other documents", { results: [change("1-ba", "x"), change("2-bb", "y")], last_seq: "2-bb", pending: 7 }],
    ["with many documents", { results: [change("1-ba", "x")], last_seq: "90-bb", pending: 0 }],
    ["empty", { results: [], last_seq: "0-b", pending: 0 }],
  ])("loses its cursor where the feed starts over, since the database was created anew: %s", async (_how, page) => {
    upstream.handle(couch(clustered));
    const cursor = (await read()).at(-1)?.end?.cursor ?? null;
    upstream.handle(couch({ "3-ac": page }));

    await expect(read(cursor)).rejects.toThrow(CursorLost);
  });

  test("loses its cursor where the database was created at another time", async () => {
    upstream.handle(couch(clustered, { instance_start_time: "1700000000" }));
    const cursor = (await read()).at(-1)?.end?.cursor ?? null;
    upstream.handle(couch(clustered, { instance_start_time: "1700000001" }));

    await expect(read(cursor)).rejects.toThrow(CursorLost);
  });
});

describe("couchdb, with answers that can't be right", () => {
  test("gives up on a feed whose last sequence does not move, since it would be read for ever", async () => {
    upstream.handle(couch({ "0": twoChangesTo("0") }));
    await expect(read()).rejects.toMatchObject({ failure: { kind: "bad_response", final: true } });

    upstream.handle(couch({ "0": twoChangesTo(7), "7": twoChangesTo(7) }));
    await expect(read()).rejects.toMatchObject({ failure: { kind: "bad_response", final: true } });
  });

  test("gives up on a feed of numbers that leads back, however long the way round", async () => {
    upstream.handle(couch({ "0": twoChangesTo(4), "4": twoChangesTo(8), "8": twoChangesTo(2) }));

    await expect(read()).rejects.toMatchObject({ failure: { kind: "bad_response", final: true } });
  });

  test("does not take documents that were left out for deleted ones, since that would empty the copy", async () => {
    upstream.handle(couch({ "0": { results: [change(1, "a", { doc: undefined })], last_seq: 1 } }));

    await expect(read()).rejects.toMatchObject({
      failure: { kind: "bad_response", message: expect.stringContaining('"a"') },
    });
  });

  test("takes a document that comes as null for deleted: it was, after its change", async () => {
    upstream.handle(couch({ "0": { results: [change(1, "a", { doc: null })], last_seq: 1 } }));

    expect(await read()).toMatchObject([{ records: [], tombstones: ["a"] }]);
  });

  test.each([
    ["a web page", text("<h1>Welcome</h1>", { headers: { "content-type": "text/html" } }), "not JSON"],
    ["the JSON of something else", json({ hello: "world" }), "Is this the address of a CouchDB server?"],
    ["a list", json([]), "Is this the address of a CouchDB server?"],
  ])("says that this is no CouchDB where it gets %s", async (_what, answer, said) => {
    upstream.handle(() => answer);

    await expect(open().check()).rejects.toMatchObject({
      failure: { kind: "bad_response", message: expect.stringContaining(said) },
    });
  });

  test("passes on that it should wait", async () => {
    upstream.handle(inTurn(json({ error: "too_many_requests" }, { status: 429, headers: { "retry-after": "9" } })));

    await expect(read()).rejects.toMatchObject({
      failure: {
        kind: "rate_limit",
        retryAt: expect.any(Number),
        message: expect.stringContaining("too_many_requests"),
      },
    });
  });
});

describe("couchdb, its credentials and configuration", () => {
  test.each<[JsonObject, string | undefined]>([
    [{ username: "zoë", password: "pä:ss" }, `Basic ${Buffer.from("zoë:pä:ss").toString("base64")}`],
    [{ token: "jwt-token" }, "Bearer jwt-token"],
    [{ anonymous: true }, undefined],
  ])("authenticates with %j", async (credentials, authorization) => {
    await open(credentials).check();

    expect(upstream.requests[0]?.headers["authorization"]).toBe(authorization);
  });

  test("reaches databases below a path, as behind a proxy", async () => {
    await open({ anonymous: true }, "/couch/").check();

    expect(upstream.requests[0]?.url.pathname).toBe("/couch/books");
  });

  test.each([{}, { username: "a" }, { username: "a", password: "" }, { token: "" }, { anonymous: false }])(
    "refuses credentials that say nothing: %j",
    (credentials) => {
      expect(couchdb.credentials.safeParse(credentials).success).toBe(false);
    },
  );

  const valid = { url: "https://couch.example.com", databases: ["books"] };

  test("asks for a thousand changes at once unless told otherwise", () => {
    expect(couchdb.config.parse(valid)).toEqual({ ...valid, page_size: 1000 });
  });

  test.each([
    { ...valid, url: "couch.example.com" },
    { ...valid, url: "ftp://couch.example.com" },
    { ...valid, url: "https://user:pass@couch.example.com" },
    { ...valid, url: "https://couch.example.com/?x=1" },
    { ...valid, databases: [] },
    { ...valid, databases: ["books", "books"] },
    { ...valid, databases: ["Books"] },
    { ...valid, databases: ["_users"] },
    { ...valid, databases: ["../books"] },
    { ...valid, databases: Array.from({ length: 51 }, (_, index) => `db${index}`) },
    { ...valid, page_size: 0 },
    { ...valid, page_size: 10_001 },
    { ...valid, page_size: 1.5 },
  ])("refuses a configuration that can't work: %j", (config) => {
    expect(couchdb.config.safeParse(config).success).toBe(false);
  });
});
