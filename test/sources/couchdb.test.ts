import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

import type { Json, JsonObject } from "#core/json";
import { couchdb } from "#sources/couchdb/source";
import type { SourceHttpOptions } from "#sources/http-client";
import { MemoryKeepsakes } from "#sources/memory-keepsakes";
import { CursorLost, type Page } from "#sources/source";
import { describeSource } from "#test/support/contracts/source";
import { copyOf, readPages } from "#test/support/copy";
import { startPouchdbServer, type Document, type PouchdbServer } from "#test/support/pouchdb-server";
import { testHttp } from "#test/support/test-http";

const STREAM = { name: "books", primaryKey: [["_id"]], incremental: true };
const FROM_START = { stream: "books", cursor: null, checkpoint: null };

const documents = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => ({ _id: `book-${from + index}`, pages: from + index }));

/** As it comes back from storage. */
const cursorOf = (pages: readonly Page[]): Json => JSON.parse(JSON.stringify(pages.at(-1)?.end?.cursor));
const idsOf = (pages: readonly Page[]) => [...copyOf(STREAM, pages).keys()].toSorted();

/** The next revision of documents, after those that `write` answered with. */
const edited = (books: readonly Document[], revisions: Readonly<Record<string, string>>) =>
  books.map((book) => ({ ...book, _rev: revisions[idOf(book)] }));
const idOf = ({ _id: id }: Document) => id;

describeSource(
  "couchdb",
  async () => {
    const server = await startPouchdbServer();
    await server.createDatabase("books");
    await server.createDatabase("a/b+c");
    const revisions = await server.write("books", documents(1, 25));
    await server.write("books", [{ _id: "book-3", _rev: revisions["book-3"], _deleted: true }]);
    await server.write("a/b+c", documents(1, 10));
    return {
      source: couchdb,
      config: { url: server.url, databases: ["books", "a/b+c"], page_size: 4 },
      credentials: server.credentials,
      network: { wrongCredentials: { username: server.credentials.username, password: "wrong-password" } },
      close: () => server.stop(),
    };
  },
  { network: true },
);

describe("couchdb, against PouchDB Server", () => {
  let server: PouchdbServer;
  beforeAll(async () => {
    server = await startPouchdbServer();
  }, 120_000);
  afterAll(() => server.stop());
  beforeEach(() => server.createDatabase("books"));
  afterEach(() => server.deleteDatabase("books"));

  interface Opening {
    readonly config?: JsonObject;
    readonly http?: Partial<SourceHttpOptions>;
  }

  function open({ config = {}, http = {} }: Opening = {}) {
    return couchdb.open({
      config: { url: server.url, databases: ["books"], page_size: 3, ...config },
      credentials: server.credentials,
      http: testHttp(http),
      keepsakes: new MemoryKeepsakes(),
      now: () => Date.now(),
    });
  }

  const read = (cursor: Json = null, opening: Opening = {}) => readPages(open(opening), { stream: "books", cursor });

  /** Reads one page at a time, each in a read of its own, and does something after the first. */
  async function readAround(interruption: () => Promise<unknown>, cursor: Json = null): Promise<Page[]> {
    const pages: Page[] = [];
    for (let page: Page | undefined; page === undefined || page.end === null;) {
      const checkpoint: Json = JSON.parse(JSON.stringify(page?.checkpoint ?? null));
      const reading = open().read({ stream: "books", cursor, checkpoint })[Symbol.asyncIterator]();
      const next = await reading.next();
      await reading.return?.();
      if (next.done === true) throw new Error("The read stopped without an end.");
      page = next.value;
      pages.push(page);
      if (pages.length === 1) await interruption();
    }
    return pages;
  }

  /** Does something after the first page, in the middle of one read. */
  async function readThrough(interruption: () => Promise<unknown>, cursor: Json = null): Promise<Page[]> {
    const pages: Page[] = [];
    for await (const page of open().read({ stream: "books", cursor, checkpoint: null })) {
      pages.push(page);
      if (pages.length === 1) await interruption();
    }
    return pages;
  }

  test("copies every document as it is", async () => {
    await server.write("books", [{ _id: "emma", title: "Emma", tags: ["a", { b: null }] }]);

    const [page] = await read();

    expect(page?.records).toEqual([
      { _id: "emma", _rev: expect.stringMatching(/^1-/), title: "Emma", tags: ["a", { b: null }] },
    ]);
    expect(page?.end).toMatchObject({ complete: true });
  });

  test("finds an empty database complete, and what comes later after its cursor", async () => {
    const empty = await read();
    await server.write("books", documents(1, 2));

    expect(empty).toMatchObject([{ records: [], tombstones: [], end: { complete: true } }]);
    expect(idsOf(await read(cursorOf(empty)))).toEqual(["book-1", "book-2"]);
  });

  test("reads what was added, edited and deleted since the last read, and nothing else", async () => {
    const revisions = await server.write("books", documents(1, 8));
    const first = await read();
    await server.write("books", [
      { _id: "book-2", _rev: revisions["book-2"], pages: 200 },
      { _id: "book-3", _rev: revisions["book-3"], _deleted: true },
      { _id: "book-9" },
    ]);

    const second = await read(cursorOf(first));

    expect(second.flatMap((page) => page.tombstones)).toEqual(["book-3"]);
    expect(idsOf(second)).toEqual(["book-2", "book-9"]);
    expect(copyOf(STREAM, second).get("book-2")).toMatchObject({ pages: 200 });
    expect(second.at(-1)?.end).toMatchObject({ complete: false });
    expect(idsOf(await read(cursorOf(second)))).toEqual([]);
  });

  test("takes the winning revision of a document with conflicts, and hears when another one wins", async () => {
    await server.replicate("books", [
      { _id: "emma", _rev: "1-aaa", title: "loses" },
      { _id: "emma", _rev: "1-bbb", title: "wins" },
    ]);
    const first = await read();
    await server.replicate("books", [{ _id: "emma", _rev: "1-ccc", title: "wins now" }]);
    const second = await read(cursorOf(first));
    await server.write("books", [{ _id: "emma", _rev: "1-ccc", _deleted: true }]);
    const third = await read(cursorOf(second));

    expect(first[0]?.records).toMatchObject([{ title: "wins" }]);
    expect(second[0]?.records).toMatchObject([{ title: "wins now" }]);
    expect(third[0]).toMatchObject({ records: [{ title: "wins" }], tombstones: [] });
  });

  test("leaves design documents out, deleted ones too, since they are code and not data", async () => {
    const revisions = await server.write("books", [{ _id: "_design/a" }, { _id: "_design/b" }, { _id: "emma" }]);
    await server.write("books", [{ _id: "_design/b", _rev: revisions["_design/b"], _deleted: true }]);

    const pages = await read();

    expect(idsOf(pages)).toEqual(["emma"]);
    expect(pages.flatMap((page) => page.tombstones)).toEqual([]);
  });

  test.each([
    ["in the middle of a read", readThrough],
    ["between two slices", readAround],
  ])("misses nothing that changes %s, since a changed document moves to the end", async (_when, readWith) => {
    const revisions = await server.write("books", documents(1, 10));

    const pages = await readWith(() =>
      server.write("books", [
        { _id: "book-1", _rev: revisions["book-1"], pages: 100 },
        { _id: "book-2", _rev: revisions["book-2"], _deleted: true },
        { _id: "book-9", _rev: revisions["book-9"], _deleted: true },
        { _id: "book-11" },
      ]),
    );

    const copy = copyOf(STREAM, pages);
    expect([...copy.keys()].toSorted()).toEqual(
      ["book-1", "book-10", "book-11", ...documents(3, 8).map(({ _id }) => _id)].toSorted(),
    );
    expect(copy.get("book-1")).toMatchObject({ pages: 100 });
    expect(pages.at(-1)?.end?.complete).toBe(true);
  });

  test("goes on from its cursor though every document it has seen last has changed since", async () => {
    const revisions = await server.write("books", documents(1, 4));
    const first = await read();
    const later = await server.write("books", edited(documents(1, 4), revisions));
    await server.write("books", [{ _id: "book-4", _rev: later["book-4"], _deleted: true }]);

    const second = await read(cursorOf(first));

    expect(idsOf(second)).toEqual(["book-1", "book-2", "book-3"]);
    expect(second.flatMap((page) => page.tombstones)).toEqual(["book-4"]);
  });

  const recreate = async (anew: () => Promise<unknown>) => {
    await server.deleteDatabase("books");
    await server.createDatabase("books");
    await anew();
  };

  describe("a database created anew under the same name", () => {
    test.each<[string, () => Promise<unknown>]>([
      ["empty", async () => {}],
      ["with less in it", () => server.write("books", documents(1, 2))],
      ["with as much in it, but other documents", () => server.write("books", documents(101, 110))],
      ["with more in it", () => server.write("books", documents(101, 150))],
      [
        "with the same documents in another order",
        async () => {
          for (const document of documents(1, 12).toReversed()) await server.write("books", [document]);
        },
      ],
      [
        "with a history as long, whose last documents have changed again",
        async () => {
          const revisions = await server.write("books", documents(101, 110));
          await server.write("books", edited(documents(101, 110), revisions));
        },
      ],
    ])("loses the cursor: %s", async (_how, anew) => {
      await server.write("books", documents(1, 10));
      const cursor = cursorOf(await read());
      await recreate(anew);

      await expect(read(cursor)).rejects.toThrow(CursorLost);
    });

    test.each([
      ["in the middle of a read", readThrough],
      ["between two slices", readAround],
    ])("is noticed %s, so that no mixture is taken for complete", async (_when, readWith) => {
      await server.write("books", documents(1, 40));

      await expect(readWith(() => recreate(() => server.write("books", documents(101, 160))))).rejects.toThrow(
        CursorLost,
      );
    });

    test("is noticed in the middle of an incremental read", async () => {
      await server.write("books", documents(1, 10));
      const cursor = cursorOf(await read());
      await server.write("books", documents(11, 40));

      const reading = readThrough(() => recreate(() => server.write("books", documents(101, 160))), cursor);
      await expect(reading).rejects.toThrow(CursorLost);
    });

    test("is noticed though it happens after the check of a read that goes on, and before its page is read", async () => {
      await server.write("books", documents(1, 40));
      const [first] = await readPages(open(), FROM_START);
      const checkpoint: Json = JSON.parse(JSON.stringify(first?.checkpoint));
      const checked = Promise.withResolvers<void>();
      let checks = 0;
      let isAnew = false;
      const fetchLate: SourceHttpOptions["fetch"] = async (url, init) => {
        if (!url.includes("include_docs=true")) {
          const answer = await fetch(url, init);
          checks += 1;
          // When the database was made, and its newest changes.
          if (checks === 2) checked.resolve();
          return answer;
        }
        await checked.promise;
        if (!isAnew) await recreate(() => server.write("books", documents(101, 160)));
        isAnew = true;
        return fetch(url, init);
      };

      const reading = readPages(open({ http: { fetch: fetchLate } }), { ...FROM_START, checkpoint });
      await expect(reading).rejects.toThrow(CursorLost);
      expect(isAnew).toBe(true);
    });

    test("is read in full when the cursor is given up", async () => {
      await server.write("books", documents(1, 4));
      await read();
      await recreate(() => server.write("books", documents(11, 12)));

      const pages = await read();
      expect(idsOf(pages)).toEqual(["book-11", "book-12"]);
      expect(pages.at(-1)?.end?.complete).toBe(true);
    });
  });

  test("loses a cursor that another server gave, or that can't be understood", async () => {
    await server.write("books", documents(1, 2));
    const cursor = cursorOf(await read());
    const elsewhere = { config: { url: server.url.replace("127.0.0.1", "localhost") } };

    await expect(read(cursor, elsewhere)).rejects.toThrow(CursorLost);
    await expect(read({ since: 3 })).rejects.toThrow(CursorLost);
    await expect(readPages(open(), { ...FROM_START, checkpoint: "nonsense" })).rejects.toThrow(CursorLost);
  });

  test("asks for fewer documents where they are too large to be read at once, and for more again after them", async () => {
    const large = documents(5, 9).map((book) => ({ ...book, text: "x".repeat(9_000) }));
    await server.write("books", [...documents(1, 4), ...large, ...documents(10, 60)]);

    const pages = await read(null, { config: { page_size: 16 }, http: { maxResponseBytes: 20_000 } });

    expect(idsOf(pages)).toHaveLength(60);
    const sizes = pages.map((page) => page.records.length);
    expect(Math.min(...sizes)).toBeLessThanOrEqual(2);
    expect(Math.max(...sizes.slice(sizes.indexOf(Math.min(...sizes))))).toBeGreaterThan(8);
  });

  test("keeps the smaller page size for the next slice", async () => {
    await server.write(
      "books",
      documents(1, 8).map((book) => ({ ...book, text: "x".repeat(9_000) })),
    );
    const opening = { config: { page_size: 100 }, http: { maxResponseBytes: 20_000 } };
    const [first] = await read(null, opening);
    const http = testHttp(opening.http);
    const source = couchdb.open({
      config: { url: server.url, databases: ["books"], page_size: 100 },
      credentials: server.credentials,
      http,
      keepsakes: new MemoryKeepsakes(),
      now: () => 0,
    });
    const reading = source.read({ ...FROM_START, checkpoint: first?.checkpoint ?? null });
    await reading[Symbol.asyncIterator]().next();

    expect(http.usage().requests).toBeLessThanOrEqual(5);
  });

  test("names the document that is too large even by itself, since only its owner can help", async () => {
    await server.write("books", [{ _id: "emma", text: "x".repeat(30_000) }]);

    const reading = read(null, { http: { maxResponseBytes: 20_000 } });

    await expect(reading).rejects.toMatchObject({
      failure: { kind: "bad_response", final: true, message: expect.stringMatching(/"emma".*MAX_RESPONSE_BYTES/) },
    });
  });

  test("says which database is missing, on the check and on the read", async () => {
    const source = open({ config: { databases: ["books", "nowhere"] } });
    const failure = { kind: "not_found", message: expect.stringContaining('"nowhere"') };

    await expect(source.check()).rejects.toMatchObject({ failure });
    await expect(readPages(source, { stream: "nowhere" })).rejects.toMatchObject({ failure });
  });

  test("says `authentication` where a database is not open to everyone", async () => {
    const anonymous = couchdb.open({
      config: { url: server.url, databases: ["books"] },
      credentials: { username: "mallory", password: "guess" },
      http: testHttp(),
      keepsakes: new MemoryKeepsakes(),
      now: () => 0,
    });

    await expect(anonymous.check()).rejects.toMatchObject({ failure: { kind: "authentication" } });
  });
});
