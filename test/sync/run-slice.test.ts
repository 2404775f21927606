import { expect, test } from "vitest";

import { SourceFailure, type Stream } from "#sources/source";
import { aPage, AT, COMPLETE, HOUR_MS } from "#test/support/builders";
import { MemorySync } from "#test/support/memory-sync";
import { aStreamOf, inOrder, records, scriptedSource, type Script } from "#test/support/scripted-source";

const ids = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `e${from + index}`);

/** A source of several streams, each with the ids it lists. */
function listing(streams: Readonly<Record<string, readonly string[]>>, script: Partial<Script> = {}) {
  return scriptedSource({
    streams: Object.keys(streams).map((name) => aStreamOf(name)),
    page: (request) => inOrder([{ records: records(streams[request.stream] ?? []) }])(request),
    ...script,
  });
}

async function syncOf(streams: Readonly<Record<string, readonly string[]>>): Promise<MemorySync> {
  const sync = new MemorySync();
  await sync.begin().run(() => ({ source: listing(streams) }));
  return sync;
}

function fails(kind: "permission" | "authentication"): never {
  throw new SourceFailure({ kind, message: "No." });
}

/** A single page of records that are nothing but these values. */
const pageOf = (values: readonly number[]) => inOrder([{ records: values.map((v) => ({ v })) }]);

const idsIn = (sync: MemorySync, name: string) => sync.copy.entities(sync.stream(name).number).map(({ id }) => id);

test("a source without streams is done at once", async () => {
  expect(await new MemorySync().begin().slice({ source: listing({}) })).toEqual({ type: "finished", failures: [] });
});

test("listing the streams that fails is retried by waiting, and given up with a reason of the whole job", async () => {
  const sync = new MemorySync();
  const job = sync.begin();
  let failures = 0;
  const source = listing(
    { a: ["x"] },
    {
      before: ({ request }) => {
        if (request === null && (failures += 1) < 3) throw new SourceFailure({ kind: "transient", message: "503." });
      },
    },
  );

  expect(await job.slice({ source })).toEqual({ type: "to_be_continued", wakeAt: AT + 1_000, waiting: "503." });
  expect(await job.slice({ source })).toEqual({ type: "to_be_continued", wakeAt: AT + 1_000, waiting: "503." });
  expect(failures).toBe(1);
  expect(await job.run(() => ({ source }))).toEqual([]);
  expect(sync.stream("a").count).toBe(1);

  const refused = listing({ a: [] }, { before: () => fails("authentication") });
  expect(await sync.begin().slice({ source: refused })).toEqual({
    type: "finished",
    failures: [{ stream: null, category: "api_key_invalid", message: "No." }],
  });
});

test("what a complete pass did not see is deleted, over several slices, and counted", async () => {
  const sync = await syncOf({ a: ids(0, 12_000), b: ids(0, 10) });
  const job = sync.begin();
  const source = listing({ a: ids(3_000, 12_000), b: ids(0, 9) });

  expect(await job.run(() => ({ source }))).toEqual([]);
  expect(idsIn(sync, "a").toSorted()).toEqual(ids(3_000, 12_000).toSorted());
  expect(sync.stream("a").progress?.counts).toEqual({
    inserted: 0,
    updated: 0,
    deleted: 3_000,
    kept: 9_000,
    failed: 0,
  });
  expect(sync.stream("b")).toMatchObject({ count: 9, progress: { phase: "done", counts: { deleted: 1 } } });
});

test("a sweep that dies goes on where it was, and deletes nothing twice", async () => {
  const sync = await syncOf({ a: ids(0, 12_000) });
  const job = sync.begin();
  const source = listing({ a: ids(0, 12_000).filter((_, index) => index % 4 !== 0) });
  const crashes = [0, 1, 1, 0, 2, 0];

  const failures = await job.run((slice) => {
    const afterCommits = crashes[slice];
    return { source, crash: afterCommits === undefined ? null : { afterCommits, inside: slice % 2 === 0 } };
  });
  expect(failures).toEqual([]);
  expect(sync.stream("a")).toMatchObject({ count: 9_000, progress: { counts: { deleted: 3_000, kept: 9_000 } } });
  const deletes = sync.copy.log.flatMap((change) => change.deletes);
  expect(new Set(deletes).size).toBe(deletes.length);
});

test("a long sweep hands over to the next slice, since the clock of a Worker stands still while it computes", async () => {
  const sync = await syncOf({ a: ids(0, 110_000) });
  const job = sync.begin();
  // In the order of ids this one is the last.
  const source = listing({ a: ids(0, 110_000).filter((id) => id !== "e99999") });

  expect(await job.slice({ source })).toEqual({ type: "to_be_continued", wakeAt: AT, waiting: null });
  expect(await job.slice({ source })).toEqual({ type: "finished", failures: [] });
  expect(sync.stream("a").count).toBe(109_999);
});

test("a pass that would delete suspiciously much is held back: nothing goes, and the message says how to confirm", async () => {
  const sync = await syncOf({ a: ids(0, 200), b: ids(0, 10) });
  const source = listing({ a: ids(0, 99), b: ids(0, 9) });
  const failures = await sync.begin().run(() => ({ source }));

  expect(failures).toMatchObject([{ stream: "a", category: "deletes_held_back" }]);
  expect(failures[0]?.message).toMatch(/101 of the 200 .*force_full_sync=true&confirm_deletes=true/s);
  expect([sync.stream("a").count, sync.stream("b").count]).toEqual([200, 10]);
  expect(sync.copy.log.every((change) => change.deletes.length === 0)).toBe(true);
});

test("deletes that were confirmed, or that the connection's own guard allows, are made", async () => {
  const source = listing({ a: ids(0, 1) });
  const confirmed = await syncOf({ a: ids(0, 200) });
  expect(await confirmed.begin().run(() => ({ source, deletesConfirmed: true }))).toEqual([]);
  expect(confirmed.stream("a").count).toBe(1);

  const lenient = await syncOf({ a: ids(0, 200) });
  expect(await lenient.begin().run(() => ({ source, guard: { ratio: 1, minEntities: 100 } }))).toEqual([]);
  expect(lenient.stream("a").count).toBe(1);
});

test("a listing that comes back empty deletes nothing, which is what a broken upstream looks like", async () => {
  const sync = await syncOf({ a: ids(0, 100) });

  expect(await sync.begin().run(() => ({ source: listing({ a: [] }) }))).toMatchObject([
    { category: "deletes_held_back" },
  ]);
  expect(sync.stream("a").count).toBe(100);
});

test("one stream that fails does not stop the others, and the job names it", async () => {
  const sync = new MemorySync();
  const source = listing(
    { a: ids(0, 5), b: ids(0, 5), c: ids(0, 5) },
    {
      before: ({ request }) => {
        if (request?.stream === "b") fails("permission");
      },
    },
  );

  expect(await sync.begin().run(() => ({ source, concurrency: 1 }))).toEqual([
    { stream: "b", category: "permission_denied", message: "No." },
  ]);
  expect(["a", "b", "c"].map((name) => sync.stream(name).count)).toEqual([5, 0, 5]);
});

test("a job with a failed stream deletes no orphans, not even of the streams that were read", async () => {
  const sync = await syncOf({ a: ids(0, 5), b: ids(0, 5) });
  const source = listing(
    { a: ids(0, 4), b: [] },
    {
      before: ({ request }) => {
        if (request?.stream === "b") fails("permission");
      },
    },
  );
  await sync.begin().run(() => ({ source }));
  expect([sync.stream("a").count, sync.stream("b").count]).toEqual([5, 5]);

  await sync.begin().run(() => ({ source: listing({ a: ids(0, 4), b: ids(0, 5) }) }));
  expect([sync.stream("a").count, sync.stream("b").count]).toEqual([4, 5]);
});

test("bad credentials found by one stream spare the others the same answer", async () => {
  const sync = new MemorySync();
  const source = listing(
    { a: [], b: [], c: [] },
    { before: ({ request }) => void (request && fails("authentication")) },
  );

  expect(await sync.begin().run(() => ({ source, concurrency: 1 }))).toEqual([
    { stream: "a", category: "api_key_invalid", message: "No." },
  ]);
  expect(source.calls()).toBe(2);
});

test("streams are read side by side, up to the limit", async () => {
  let now = 0;
  let most = 0;
  const source = listing(Object.fromEntries(["a", "b", "c", "d", "e"].map((name) => [name, ids(0, 3)])), {
    before: async ({ request }) => {
      if (request === null) return;
      now += 1;
      most = Math.max(most, now);
      await Promise.resolve();
      now -= 1;
    },
  });
  await new MemorySync().begin().run(() => ({ source, concurrency: 3 }));

  expect(most).toBe(3);
});

test("a stream that waits does not keep the others, and the job wakes for whichever is first", async () => {
  const sync = new MemorySync();
  const retryAts: Readonly<Record<string, number>> = { a: AT + 90_000, b: AT + 30_000 };
  const source = listing(
    { a: ids(0, 3), b: ids(0, 3), c: ids(0, 3) },
    {
      before: ({ request }) => {
        const retryAt = retryAts[request?.stream ?? ""];
        if (retryAt === undefined || sync.now >= retryAt) return;
        throw new SourceFailure({ kind: "rate_limit", message: `Wait for ${request?.stream}.`, retryAt });
      },
    },
  );
  const job = sync.begin();

  expect(await job.slice({ source })).toEqual({
    type: "to_be_continued",
    wakeAt: AT + 30_000,
    waiting: "Wait for b.",
  });
  expect(sync.stream("c").count).toBe(3);
  expect(await job.run(() => ({ source }))).toEqual([]);
  expect(sync.now).toBe(AT + 90_000);
});

test("a wait beyond the job's deadline is given up at once", async () => {
  const sync = new MemorySync();
  const failure = { kind: "rate_limit", message: "Tomorrow.", retryAt: AT + 24 * HOUR_MS } as const;
  const source = listing(
    { a: [] },
    {
      before: ({ request }) => {
        if (request !== null) throw new SourceFailure(failure);
      },
    },
  );

  expect(await sync.begin().slice({ source, deadlineAt: AT + HOUR_MS })).toMatchObject({
    type: "finished",
    failures: [{ stream: "a", category: "rate_limited", message: expect.stringContaining("deadline") }],
  });
});

test("a stream that is not listed any more keeps what it has", async () => {
  const sync = await syncOf({ a: ids(0, 5), b: ids(0, 5) });
  await sync.begin().run(() => ({ source: listing({ a: ids(0, 4) }) }));

  expect([sync.stream("a").count, sync.stream("b").count]).toEqual([4, 5]);
});

test("streams without a primary key lose what changed and gain what it became", async () => {
  const sync = new MemorySync();
  const streams: readonly Stream[] = [aStreamOf("a", { primaryKey: null })];
  await sync.begin().run(() => ({ source: listing({}, { streams, page: pageOf([1, 2, 3]) }) }));
  await sync.begin().run(() => ({ source: listing({}, { streams, page: pageOf([3, 1, 4]) }) }));

  expect(sync.stream("a").progress?.counts).toEqual({ inserted: 1, updated: 0, deleted: 1, kept: 2, failed: 0 });
  expect(
    sync.copy
      .entities(0)
      .map(({ text }) => text)
      .toSorted(),
  ).toEqual(['{"v":1}', '{"v":3}', '{"v":4}']);
});

test("a first read that takes longer than its jobs may goes on from job to job, and ends; what it did not see in one pass stays", async () => {
  const sync = new MemorySync();
  let left = 0;
  const asked: unknown[] = [];
  const pages = [["a"], ["b"], ["c"], ["d"], ["e"]].map((each) => ({ records: records(each) }));
  const script = inOrder(pages, "cursor");
  const source = scriptedSource({
    streams: [aStreamOf("items", { incremental: true })],
    page: (request) => {
      asked.push(request.checkpoint);
      return script(request);
    },
    before: ({ request }) => {
      if (request === null || left-- > 0) return;
      throw new SourceFailure({ kind: "rate_limit", message: "GET /items answered 429.", retryAt: sync.now + HOUR_MS });
    },
  });
  const jobWith = (requests: number) => {
    left = requests;
    return sync.begin().run(() => ({ source, deadlineAt: sync.now + HOUR_MS / 2 }));
  };

  expect(await jobWith(2)).toMatchObject([{ category: "rate_limited" }]);
  expect(sync.stream("items")).toMatchObject({ count: 2, cursor: null });
  expect(await jobWith(2)).toMatchObject([{ category: "rate_limited" }]);
  expect(await jobWith(2)).toEqual([]);
  expect(asked).toEqual([null, 1, 2, 3, 4]);
  expect(sync.stream("items")).toMatchObject({ count: 5, cursor: "cursor" });
});

test("a place that leads nowhere is tried once: the job after that reads from the beginning", async () => {
  const sync = new MemorySync();
  let isExpired = false;
  const script = inOrder(
    [["a"], ["b"], ["c"]].map((each) => ({ records: records(each) })),
    "cursor",
  );
  const source = scriptedSource({
    streams: [aStreamOf("items", { incremental: true })],
    page: script,
    before: ({ request }) => {
      if (request?.checkpoint !== 2 || !isExpired) return;
      throw new SourceFailure({ kind: "bad_request", message: "GET /items answered 400: this token has expired." });
    },
  });
  const away = scriptedSource({
    streams: [aStreamOf("items", { incremental: true })],
    page: script,
    before: ({ request }) => {
      if (request?.checkpoint !== 2) return;
      throw new SourceFailure({ kind: "transient", message: "GET /items answered 503.", final: true });
    },
  });
  await sync.begin().run(() => ({ source: away }));
  isExpired = true;
  expect(await sync.begin().run(() => ({ source }))).toMatchObject([{ category: "bad_request" }]);
  isExpired = false;
  expect(await sync.begin().run(() => ({ source }))).toEqual([]);
  expect(sync.stream("items").progress).toMatchObject({
    pages: 3,
    isContinued: false,
    counts: { kept: 2, inserted: 1 },
  });
});

test("a slice that is broken off between two reads of a stream begins no other: the stream's place may have moved", async () => {
  const sync = new MemorySync();
  const slice = new AbortController();
  const source = scriptedSource({
    streams: [aStreamOf("items")],
    page: inOrder([{ records: records(["a"]) }, { records: records(["b"]) }]),
  });
  const usage = () => {
    if (sync.copy.entities(0).length === 1) slice.abort();
    return { ms: 0, requests: 0, bytes: 0 };
  };

  expect(await sync.begin().slice({ source, prefetches: false, signal: slice.signal, usage })).toEqual({
    type: "stopped",
  });
  expect(source.calls()).toBe(2);
});

test("a slice that is broken off as its last page comes concludes nothing from what it has read", async () => {
  const sync = new MemorySync();
  const slice = new AbortController();
  const job = sync.begin();
  const page = aPage({ records: records(["a"]), end: COMPLETE });
  const breakOff = () => {
    job.isRunning = false;
    slice.abort();
  };
  const source = scriptedSource({
    streams: [aStreamOf("items")],
    page: () =>
      Object.defineProperty({ ...page }, "resumeAt", {
        get: () => {
          breakOff();
          return undefined;
        },
      }),
  });

  expect(await job.slice({ source, signal: slice.signal })).toEqual({ type: "stopped" });
});
