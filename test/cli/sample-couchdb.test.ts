import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";

import { type SampleCouchDb, serveSampleCouchDb } from "#cli/sample-couchdb";
import { SampleDatabase } from "#cli/sample-database";
import { orders, people } from "#cli/sample-documents";

const pageSchema = z.object({
  results: z.array(
    z.object({
      seq: z.string(),
      id: z.string(),
      deleted: z.literal(true).optional(),
      doc: z.record(z.string(), z.unknown()),
    }),
  ),
  last_seq: z.string(),
  pending: z.number(),
});

function readPage(database: SampleDatabase, since: string, limit: number) {
  return pageSchema.parse(JSON.parse(String(database.changes(since, limit))));
}

describe("the change feed", () => {
  const write = fc.record({ kind: fc.constantFrom("put", "remove"), n: fc.integer({ min: 1, max: 14 }) });

  test("read page by page leads to exactly the documents that exist, whatever is written while it is read", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(write, { maxLength: 4 }), { maxLength: 8 }),
        fc.integer({ min: 1, max: 5 }),
        (rounds, limit) => {
          const database = new SampleDatabase("people", people, 10);
          const copy = new Map<string, unknown>();
          let since = "0";
          const step = () => {
            const page = readPage(database, since, limit);
            for (const { id, deleted, doc } of page.results) {
              if (deleted) copy.delete(id);
              else copy.set(id, doc);
            }
            since = page.last_seq;
            return page;
          };
          for (const [round, writes] of rounds.entries()) {
            for (const { kind, n } of writes) {
              if (kind === "put") database.put(people.id(n), { round });
              else database.remove(people.id(n));
            }
            step();
          }
          let page = step();
          while (page.pending > 0) {
            const { pending } = page;
            page = step();
            expect(page.pending).toBe(pending - page.results.length);
          }
          expect(readPage(database, since, limit).results).toEqual([]);
          expect(copy.size).toBe(database.size);
          for (const [id, document] of copy) expect(document).toEqual(database.get(id));
        },
      ),
    );
  });

  test("every made document is valid JSON under its own id and revision", () => {
    for (const maker of [people, orders]) {
      const { results } = readPage(new SampleDatabase("sample", maker, 500), "0", 500);
      expect(results.map(({ doc }) => doc["_id"])).toEqual(results.map(({ id }) => id));
      expect(new Set(results.map(({ id }) => id)).size).toBe(500);
      expect(results.every(({ doc }, index) => doc["_rev"] === maker.revision(index + 1))).toBe(true);
    }
  });

  test("pages rendered in advance are forgotten when a document changes, because they would hide the change", () => {
    const database = new SampleDatabase("people", people, 20);
    database.prerender(10);
    database.put(people.id(3), { city: "Pune" });
    expect(readPage(database, "0", 10).results.map(({ id }) => id)).not.toContain(people.id(3));
    expect(readPage(database, "20-people", 10).results).toMatchObject([{ id: people.id(3), doc: { city: "Pune" } }]);
  });
});

describe("the server", () => {
  let server: SampleCouchDb;
  beforeAll(async () => {
    server = await serveSampleCouchDb({
      databases: [new SampleDatabase("people", people, 12)],
      username: "reader",
      password: "open sesame",
    });
  });
  afterAll(() => server.close());

  const ask = async (path: string, password = "open sesame") => {
    const authorization = `Basic ${Buffer.from(`reader:${password}`).toString("base64")}`;
    const response = await fetch(server.address + path, { headers: { authorization } });
    return { status: response.status, body: z.looseObject({}).parse(await response.json()) };
  };

  test("describes a database and serves its changes", async () => {
    expect(await ask("/people")).toMatchObject({ status: 200, body: { db_name: "people", doc_count: 12 } });
    const { body } = await ask("/people/_changes?since=10-people&limit=5&include_docs=true");
    expect(pageSchema.parse(body).results.map(({ id }) => id)).toEqual(["person-0000011", "person-0000012"]);
  });

  test("refuses as CouchDB does", async () => {
    expect(await ask("/people", "wrong")).toMatchObject({ status: 401, body: { error: "unauthorized" } });
    expect(await ask("/nobody")).toMatchObject({ status: 404, body: { reason: "Database does not exist." } });
    expect(await ask("/people/_changes?since=yesterday")).toMatchObject({
      status: 400,
      body: { error: "bad_request" },
    });
  });
});
