import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { ChangeFeed } from "#connection/change-feed";
import { FeedCursors } from "#connection/feed-cursors";
import { FeedEntries } from "#connection/feed-entries";
import type { JsonPage, NewestChanges } from "#connection/rpc";
import { migrate } from "#connection/schema";
import { CursorSeal } from "#storage/cursor-seal";
import { Documents } from "#storage/documents";
import type { Sql } from "#storage/sql";
import { CouchUpstream } from "#test/support/couch-upstream";
import {
  type Change,
  changeOf,
  follow,
  ORGANIZATION,
  stopClock,
  TestConnection,
  valueOf,
  withSql,
} from "#test/support/connection";

let upstream: CouchUpstream;
let connection: TestConnection;

/** Two databases with the same documents, synced, changed, and synced again. */
beforeEach(async () => {
  stopClock();
  upstream = new CouchUpstream().install().fill(23);
  connection = await TestConnection.create({
    config: { url: CouchUpstream.url, databases: ["one", "two"], page_size: 5 },
  });
  await connection.sync();
  for (const id of ["d1", "d9", "d20"]) upstream.put(id, { changed: true });
  for (const id of ["d2", "d3"]) upstream.remove(id);
  upstream.put("📁/a b?\"'", { odd: true });
  await connection.sync();
  upstream.put("d2", { back: true });
  upstream.remove("d9");
  await connection.sync();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

test.each([1, 2, 7, 1_000])("the copy in pages of %i is the copy, each entity once", async (limit) => {
  for (const stream of ["one", "two"]) expect(await connection.copy(stream, limit)).toEqual(upstream.documents());

  const all: string[] = [];
  for (let cursor: string | null = null, more = true; more;) {
    const page: JsonPage = valueOf(await connection.stub.entities(ORGANIZATION, { stream: null, limit, cursor }));
    expect(page.items.length).toBeLessThanOrEqual(limit);
    all.push(...page.items);
    cursor = page.nextCursor;
    more = page.hasMore;
    expect(more).toBe(cursor !== null);
  }
  expect(all).toHaveLength(upstream.documents().size * 2);
  expect(new Set(all).size).toBe(all.length);
});

test("an entity is found by its stream and id, and says when it was seen first and changed last", async () => {
  const { jobs } = valueOf(await connection.stub.jobs(ORGANIZATION, { limit: 10, cursor: null }));
  const [first, second] = jobs.toReversed();
  const item: unknown = JSON.parse(valueOf(await connection.stub.entity(ORGANIZATION, "one", "d4")));
  expect(item).toEqual({
    stream: "one",
    id: "d4",
    data: upstream.documents().get("d4"),
    first_seen_at: expect.stringMatching(/Z$/),
    last_modified_at: expect.stringMatching(/Z$/),
    job_id: first?.id,
  });
  // Its job is the one that changed it last.
  const changed = await connection.stub.entity(ORGANIZATION, "one", "d1");
  expect(JSON.parse(valueOf(changed))).toMatchObject({ data: { changed: true }, job_id: second?.id });
  const odd = await connection.stub.entity(ORGANIZATION, "two", "📁/a b?\"'");
  expect(JSON.parse(valueOf(odd))).toMatchObject({ data: { odd: true } });
});

test.each([
  ["one", "nothing"],
  ["nowhere", "d4"],
  ["one", "d3"],
])("entity %s/%s is not found", async (stream, id) => {
  expect(await connection.stub.entity(ORGANIZATION, stream, id)).toMatchObject({
    ok: false,
    refusal: { code: "not_found" },
  });
});

test("a stream that is not there is empty", async () => {
  expect(await connection.copy("nowhere")).toEqual(new Map());
});

test.each(["", "x", "W10", "WzEsMl0", "💧"])("%j is not a cursor of the listing", async (cursor) => {
  expect(await connection.stub.entities(ORGANIZATION, { stream: null, limit: 1, cursor })).toMatchObject({
    ok: false,
    refusal: { code: "invalid", issues: [{ loc: ["query", "cursor"] }] },
  });
});

test("a cursor of one stream's listing is refused for another's, where it would leave entities out", async () => {
  const page = valueOf(await connection.stub.entities(ORGANIZATION, { stream: "two", limit: 5, cursor: null }));
  const mixedUp = await connection.stub.entities(ORGANIZATION, { stream: "one", limit: 5, cursor: page.nextCursor });

  expect(mixedUp).toMatchObject({ ok: false, refusal: { code: "invalid" } });
});

test("the feed one change at a time is the feed in one piece, and ends with the copy", async () => {
  const whole = await connection.changes();
  expect((await connection.changes(null, 1)).changes).toEqual(whole.changes);
  expect((await connection.changes(null, 3)).changes).toEqual(whole.changes);

  for (const stream of ["one", "two"]) {
    const own = whole.changes.filter((change) => change.stream === stream);
    expect(follow(own)).toEqual(upstream.documents());
  }
});

test.each([1, 2, 3, 7, 1_000])(
  "the feed from its end in pages of %i is the feed backwards, and says where to follow it",
  async (limit) => {
    const forward = await connection.changes();
    const backward: Change[] = [];
    for (let before: string | null = null, more = true; more;) {
      const page: NewestChanges = valueOf(await connection.stub.newestChanges(ORGANIZATION, { limit, before }));
      expect(page.items.length).toBeLessThanOrEqual(limit);
      const known = backward.toReversed();
      backward.push(...page.items.map(changeOf));
      // What came after this page is what the pages before it told.
      expect((await connection.changes(page.nextCursor)).changes).toEqual(known);
      before = page.olderCursor;
      more = before !== null;
    }
    expect(backward.toReversed()).toEqual(forward.changes);
  },
);

test("who looks at the newest changes reads no more of the feed than they take", () =>
  withSql((sql) => {
    migrate(sql);
    sql.run(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
       INSERT INTO changes (seq, stream, job_id, at, upserts, deletes) SELECT i, 0, 'j', i, '[]', '["' || i || '"]' FROM n`,
    );
    const feed = feedOf(sql);
    const before = sql.usage().rowsRead;
    const page = valueOf(feed.readNewest({ before: null, limit: 25 }));
    const ids = page.items.map((item) => changeOf(item).id);

    expect(ids).toEqual(Array.from({ length: 25 }, (_, index) => String(5_000 - index)));
    expect(sql.usage().rowsRead - before).toBeLessThan(300);
  }));

test("a consumer that follows from where it stopped ends with the copy, whenever it stopped", async () => {
  const first = await connection.changes();
  upstream.put("d0", { newest: true });
  upstream.remove("d1");
  await connection.sync();
  const second = await connection.changes(first.next);
  expect(second.changes.map(({ op, id }) => [op, id])).toEqual(
    expect.arrayContaining([
      ["upsert", "d0"],
      ["delete", "d1"],
    ]),
  );
  expect(follow(second.changes, follow(first.changes))).toEqual(upstream.documents());

  const third = await connection.changes(second.next);
  expect(third).toEqual({ changes: [], next: second.next });
});

test("an upsert is told where the entity changed last, in its newest state", async () => {
  const { changes } = await connection.changes();
  const told = changes.filter(({ op, id, stream }) => op === "upsert" && id === "d1" && stream === "one");

  expect(told).toHaveLength(1);
  expect(told[0]?.entity).toEqual(upstream.documents().get("d1"));
});

test("an entity that was deleted and is back is told once, as it is, so that no reader sees it go", async () => {
  const { changes } = await connection.changes();
  const told = changes.filter(({ id, stream }) => id === "d2" && stream === "one");

  expect(told).toMatchObject([{ op: "upsert", entity: upstream.documents().get("d2") }]);
});

test("a cursor can be used again and again, and is answered alike", async () => {
  const page = valueOf(await connection.stub.changes(ORGANIZATION, { since: null, limit: 4 }));
  const answers = await Promise.all(
    [1, 2].map(() => connection.stub.changes(ORGANIZATION, { since: page.nextCursor, limit: 4 })),
  );
  expect(answers[0]).toEqual(answers[1]);
});

test("a cursor of another connection's feed is refused, and so is one from the future", async () => {
  const other = await TestConnection.create();
  const { next } = await other.changes();
  const ahead = (await connection.changes()).next;
  // As after storage was restored to an earlier time.
  await connection.rows("DELETE FROM changes WHERE seq > 2");

  for (const since of [next, ahead, "nonsense", ""]) {
    expect(await connection.stub.changes(ORGANIZATION, { since, limit: 1 })).toMatchObject({
      ok: false,
      refusal: { code: "invalid", issues: [{ loc: ["query", "since"], type: "cursor_unknown" }] },
    });
    expect(await connection.stub.newestChanges(ORGANIZATION, { before: since, limit: 1 })).toMatchObject({
      ok: false,
      refusal: { code: "invalid", issues: [{ loc: ["query", "before"], type: "cursor_unknown" }] },
    });
  }
});

test("a long history of one entity does not hide the change behind it", () =>
  withSql((sql) => {
    migrate(sql);
    const last = 25_000;
    sql.run(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
       INSERT INTO changes (seq, stream, job_id, at, upserts, deletes) SELECT i, 0, 'j', i, '["a"]', '[]' FROM n`,
      last,
    );
    sql.run(
      "INSERT INTO entities (stream, id, number, first_change, last_change, data) VALUES (0, 'a', 0, 1, ?, '{}')",
      last,
    );
    const feed = feedOf(sql);
    const items: string[] = [];
    let calls = 0;
    for (let since: string | null = null, more = true; more;) {
      const page: JsonPage = valueOf(feed.read({ since, limit: 10 }));
      items.push(...page.items);
      since = page.nextCursor;
      more = page.hasMore;
      calls += 1;
    }

    expect(items).toHaveLength(1);
    // One call does not hold up the object for as long as there is something to pass over.
    expect(calls).toBe(2);

    const back: string[] = [];
    for (let before: string | null = null, more = true; more;) {
      const page: NewestChanges = valueOf(feed.readNewest({ before, limit: 10 }));
      back.push(...page.items);
      before = page.olderCursor;
      more = before !== null;
    }
    expect(back).toEqual(items);
  }));

test("a feed of more entries than are looked up at a time is told whole, in either direction", () =>
  withSql((sql) => {
    migrate(sql);
    const entries = 250;
    const numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)";
    sql.run(
      `${numbers} INSERT INTO changes (seq, stream, job_id, at, upserts, deletes)
       SELECT i, 0, 'j', i, json_array('e' || i), '[]' FROM n`,
      entries,
    );
    sql.run(
      `${numbers} INSERT INTO entities (stream, id, number, first_change, last_change, data)
       SELECT 0, 'e' || i, i, i, i, '{}' FROM n`,
      entries,
    );
    const wanted = Array.from({ length: entries }, (_, index) => `e${index + 1}`);
    const feed = feedOf(sql);

    expect(idsOf(valueOf(feed.read({ since: null, limit: 1_000 })).items)).toEqual(wanted);
    expect(idsOf(valueOf(feed.readNewest({ before: null, limit: 1_000 })).items).toReversed()).toEqual(wanted);
  }));

const idsOf = (items: readonly string[]) => items.map((item) => changeOf(item).id);

function feedOf(sql: Sql): ChangeFeed {
  const cursors = new FeedCursors(new CursorSeal(new Documents(sql)), "feed", 0);
  return new ChangeFeed(new FeedEntries(sql, () => "s"), cursors);
}

test("answers stay small enough to cross RPC, however large the entities and the limit are", async () => {
  const large = new CouchUpstream().install();
  for (let index = 0; index < 8; index += 1) large.put(`large${index}`, { text: "x".repeat(1_800_000) });
  const heavy = await TestConnection.create({ config: { url: CouchUpstream.url, databases: ["db"], page_size: 2 } });
  expect(await heavy.sync()).toMatchObject({ status: "COMPLETED", counts: { inserted: 8 } });

  const page = valueOf(await heavy.stub.entities(ORGANIZATION, { stream: null, limit: 1_000, cursor: null }));
  expect(page.hasMore).toBe(true);
  expect((await heavy.copy()).size).toBe(8);
  expect(follow((await heavy.changes()).changes)).toEqual(large.documents());
});
