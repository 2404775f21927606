import { expect, test } from "vitest";

import type { ActiveStream } from "#core/stream-state";
import { applyPage, orphansOf } from "#sync/apply-page";
import type { Page } from "#sources/source";
import { aPage, AT, aStream, COMPLETE } from "#test/support/builders";
import { MemoryCopy, replay } from "#test/support/memory-copy";
import { records } from "#test/support/scripted-source";

const NONE = { inserted: 0, updated: 0, deleted: 0, kept: 0, failed: 0 };

/** A copy and a stream that pages are applied to, one after another. */
function stage(stream: ActiveStream = aStream(), copy = new MemoryCopy()) {
  let current = stream;
  return {
    copy,
    apply: (page: Partial<Page>): ActiveStream => {
      current = applyPage(copy, current, aPage(page), AT);
      return current;
    },
    /** The next job: a full pass over what is there now. */
    again: (): void => {
      copy.clearAllMarks();
      current = { ...current, progress: { ...aStream().progress, jobId: "job-2", before: current.count } };
    },
    ids: () => copy.entities(0).map(({ id }) => id),
  };
}

test("inserts what is new, updates what differs and keeps the rest, and the change log tells the same", () => {
  const { apply, again, copy } = stage();
  apply({ records: records(["a", "b", "c"]) });
  again();
  const after = apply({ records: [...records(["a"]), ...records(["b"], 2), ...records(["d"])], end: COMPLETE });

  expect(after.progress.counts).toEqual({ ...NONE, inserted: 1, updated: 1, kept: 1 });
  expect(after).toMatchObject({ count: 4, nextEntityNumber: 4, lastChangedAt: AT });
  expect(copy.log.at(-1)).toMatchObject({ jobId: "job-2", upserts: ["b", "d"], deletes: [] });
});

test("a page that brings nothing new writes nothing but its checkpoint", () => {
  const { apply, again, copy } = stage();
  apply({ records: records(["a", "b"]) });
  const before = copy.log.length;
  again();
  const after = apply({
    records: [
      { v: 1, id: "b" },
      { id: "a", v: 1 },
    ],
    checkpoint: "next",
  });

  expect(copy.log).toHaveLength(before);
  expect(after.progress).toMatchObject({ counts: { ...NONE, kept: 2 }, checkpoint: "next", pages: 1 });
});

test("of several records with one id in a page the last one counts, once", () => {
  const { apply, copy } = stage();
  const after = apply({ records: [...records(["a"], 1), ...records(["b"]), ...records(["a"], 2)] });

  expect(after.progress.counts).toEqual({ ...NONE, inserted: 2 });
  expect(copy.find(0, ["a"]).get("a")?.text).toBe('{"id":"a","v":2}');
});

test("an entity that a moving page shows twice in a pass is kept once", () => {
  const { apply, again } = stage();
  apply({ records: records(["a", "b"]) });
  again();
  apply({ records: records(["a"]) });
  const after = apply({ records: records(["a", "b"]), end: COMPLETE });

  expect(after.progress.counts).toEqual({ ...NONE, kept: 2 });
});

test("an entity that was inserted in this pass and shows up again is not counted again", () => {
  const { apply } = stage();
  apply({ records: records(["a"]) });
  const after = apply({ records: records(["a"]), end: COMPLETE });

  expect(after.progress.counts).toEqual({ ...NONE, inserted: 1 });
});

test("a tombstone deletes what is stored, and says nothing about what is not", () => {
  const { apply, ids, copy } = stage();
  apply({ records: records(["a", "b"]) });
  const after = apply({ tombstones: ["a", "never", "a"] });

  expect(after.progress.counts).toEqual({ ...NONE, inserted: 2, deleted: 1 });
  expect(after.count).toBe(1);
  expect(ids()).toEqual(["b"]);
  expect(copy.log.at(-1)).toMatchObject({ upserts: [], deletes: ["a"] });
});

test("a tombstone beside a record of the same id wins, since it can only be the newer of them", () => {
  const { apply, ids } = stage();
  const after = apply({ records: records(["a"]), tombstones: ["a"] });

  expect(after.progress.counts).toEqual(NONE);
  expect(ids()).toEqual([]);
});

test("an entity that is deleted and comes back in one pass is there, and is no orphan", () => {
  const { apply, again, ids } = stage();
  apply({ records: records(["a", "b"]) });
  again();
  apply({ records: records(["a"]) });
  apply({ tombstones: ["a"] });
  const after = apply({ records: records(["a", "b"]), end: COMPLETE });

  expect(after.progress).toMatchObject({ phase: "done", counts: { inserted: 1, deleted: 1, kept: 2 } });
  expect(ids()).toEqual(["a", "b"]);
  expect(orphansOf(after)).toBe(0);
});

test("what can't be stored is counted, sampled, and does not stop the rest", () => {
  const { apply, ids } = stage();
  const bad = Array.from({ length: 25 }, (_, index) => ({ v: index }));
  const after = apply({ records: [...bad, ...records(["a"]), "text", null] });

  expect(after.progress.counts).toEqual({ ...NONE, inserted: 1, failed: 27 });
  expect(after.progress.rejections).toHaveLength(10);
  expect(after.progress.rejections[0]).toEqual({
    stream: "items",
    id: null,
    reason: 'The record has no id: "id" is missing.',
  });
  expect(ids()).toEqual(["a"]);
});

test("an older version of an entity that can't be stored any more is not taken for gone", () => {
  const { apply, again, ids } = stage();
  apply({ records: records(["a", "b"]) });
  again();
  const after = apply({ records: [...records(["b"]), { id: "a", v: "x".repeat(2_000_000) }], end: COMPLETE });

  expect(after.progress).toMatchObject({ phase: "done", counts: { ...NONE, kept: 1, failed: 1 } });
  expect(ids()).toEqual(["a", "b"]);
});

test("without a primary key an edit is a delete and an insert, and nothing is ever updated", () => {
  const copy = new MemoryCopy();
  stage(aStream({ primaryKey: null }), copy).apply({ records: [{ a: 1 }, { b: 1 }, { a: 1 }] });
  copy.clearAllMarks();
  const second = { ...aStream({ primaryKey: null, before: 2 }), count: 2, nextEntityNumber: 2 };
  const after = stage(second, copy).apply({ records: [{ a: 1 }, { b: 2 }], end: COMPLETE });

  expect(after.progress.counts).toEqual({ ...NONE, inserted: 1, kept: 1 });
  expect(orphansOf(after)).toBe(1);
});

test("the cursor stays where it was until the pass has ended", () => {
  const { apply } = stage({ ...aStream({ full: false, cursor: "old" }), cursor: "old" });

  expect(apply({ records: records(["a"]), checkpoint: "mid" }).cursor).toBe("old");
  expect(apply({ end: { cursor: "new", complete: false } })).toMatchObject({
    cursor: "new",
    progress: { phase: "done" },
  });
});

test("the cursor does not move past deletes that are still to be made", () => {
  const { apply, again } = stage();
  apply({ records: records(["a", "b"]) });
  again();
  const after = apply({ records: records(["a"]), end: { cursor: "new", complete: true } });

  expect(after).toMatchObject({ cursor: null, progress: { phase: "read", endCursor: "new" } });
  expect(orphansOf(after)).toBe(1);
});

test("a pass with a record whose id is unknown proves no deletes: it may be any of those that were not seen", () => {
  const { apply, again, ids } = stage();
  apply({ records: records(["a", "b"]) });
  again();
  const after = apply({ records: [...records(["a"]), { name: "b, without its id" }], end: COMPLETE });

  expect(after.progress).toMatchObject({ phase: "done", counts: { ...NONE, kept: 1, failed: 1 } });
  expect(ids()).toEqual(["a", "b"]);
});

test.each([
  ["an incremental read", { full: false }, COMPLETE],
  ["a pass that skipped something", { full: true }, { cursor: null, complete: false }],
  ["a pass that other credentials came into", { full: true, isMixed: true }, COMPLETE],
])("%s proves no deletes", (_case, progress, end) => {
  const copy = new MemoryCopy();
  stage(aStream(), copy).apply({ records: records(["a", "b"]) });
  copy.clearAllMarks();
  const { apply } = stage({ ...aStream({ ...progress, before: 2 }), count: 2, nextEntityNumber: 2 }, copy);

  expect(apply({ records: records(["a"]), end }).progress.phase).toBe("done");
});

test("numbers of entities are never used again, so a mark can't be taken for another entity's", () => {
  const { apply, copy } = stage();
  apply({ records: records(["a", "b"]) });
  apply({ tombstones: ["b"] });
  apply({ records: records(["c"]) });

  expect(copy.entities(0).map(({ number }) => number)).toEqual([0, 2]);
});

test("the change log replayed from nothing is the copy", () => {
  const { apply, copy } = stage();
  apply({ records: records(["a", "b", "c"]) });
  apply({ records: records(["a"], 2), tombstones: ["b"] });
  apply({ records: records(["b"], 3) });

  expect(replay(copy.log, 0)).toEqual(new Map(copy.entities(0).map(({ id, text }) => [id, text])));
});
