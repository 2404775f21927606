import { expect, test } from "vitest";

import { CursorLost, SourceFailure } from "#sources/source";
import { AT } from "#test/support/builders";
import { MemorySync } from "#test/support/memory-sync";
import { aStreamOf, hanging, inOrder, records, scriptedSource, type Script } from "#test/support/scripted-source";

const PAGES = inOrder([
  { records: records(["a", "b"]) },
  { records: records(["c", "d"]) },
  { records: records(["e"]), end: { cursor: "end", complete: true } },
]);

const transient = () => new SourceFailure({ kind: "transient", message: "GET /x answered 503." });

function sourceOf(script: Partial<Script>) {
  return scriptedSource({ streams: [aStreamOf("items")], page: PAGES, ...script });
}

test("reads page after page to the end, and remembers where the next job goes on", async () => {
  const sync = new MemorySync();
  const outcome = await sync.begin().slice({ source: sourceOf({}) });

  expect(outcome).toEqual({ type: "finished", failures: [] });
  expect(sync.stream("items")).toMatchObject({ count: 5, cursor: "end", progress: { phase: "done", pages: 3 } });
});

test("a later job is given the cursor, and no checkpoint of the one before", async () => {
  const sync = new MemorySync();
  const requests: unknown[] = [];
  const streams = [aStreamOf("items", { incremental: true })];
  const before: Script["before"] = ({ request }) => void requests.push(request);
  await sync.begin().slice({ source: sourceOf({ streams, before }) });
  requests.length = 0;
  await sync.begin().slice({ source: sourceOf({ streams, before }) });

  expect(requests[1]).toEqual({ stream: "items", cursor: "end", checkpoint: null, attempts: 0 });
});

test("the next page is asked for before the last one is applied", async () => {
  const sync = new MemorySync();
  const seen: number[] = [];
  const before: Script["before"] = () => void seen.push(sync.streams[0]?.progress?.pages ?? 0);
  await sync.begin().slice({ source: sourceOf({ before }) });

  // Listing, first page, and then each page while the one before it is not applied yet.
  expect(seen).toEqual([0, 0, 0, 1]);
});

const hundredMegabytes = () => ({ ms: 0, requests: 0, bytes: 100_000_000 });

test("a page too large to be held beside the next one is applied before that is asked for", async () => {
  const sync = new MemorySync();
  const seen: number[] = [];
  const before: Script["before"] = () => void seen.push(sync.streams[0]?.progress?.pages ?? 0);
  const budget = { ms: 1, requests: 10, bytes: 1_000_000_000 };
  const outcome = await sync.begin().slice({ source: sourceOf({ before }), usage: hundredMegabytes, budget });

  expect(outcome).toEqual({ type: "finished", failures: [] });
  // Listing, first page, and then each page when the one before it is applied; in one read.
  expect(seen).toEqual([0, 0, 1, 2]);
});

test("a budget that is spent ends the slice at a page, and the next slice goes on behind it", async () => {
  const sync = new MemorySync();
  const job = sync.begin();
  const source = sourceOf({});
  let used = 0;
  const usage = () => ({ ms: 0, requests: used, bytes: 0 });
  const budget = { ms: 1, requests: 1, bytes: 1 };
  const page: Script["page"] = (request) => {
    used += 1;
    return PAGES(request);
  };

  expect(await job.slice({ source: sourceOf({ page }), usage, budget })).toEqual({
    type: "to_be_continued",
    wakeAt: AT,
    waiting: null,
  });
  expect(sync.stream("items")).toMatchObject({ count: 2, cursor: null, progress: { pages: 1, checkpoint: 1 } });
  used = 0;
  await job.slice({ source: sourceOf({ page }), usage, budget });
  expect(sync.stream("items")).toMatchObject({ count: 4, progress: { pages: 2 } });
  expect(await job.slice({ source })).toEqual({ type: "finished", failures: [] });
  expect(sync.stream("items").progress?.counts).toMatchObject({ inserted: 5, kept: 0 });
});

test.each([1, 2, 3, 4])("a failure of call %i is waited out and loses nothing", async (failing) => {
  const sync = new MemorySync();
  const job = sync.begin();
  let failed = 0;
  const source = sourceOf({
    before: ({ number }) => {
      if (number !== failing || failed > 0) return;
      failed += 1;
      throw transient();
    },
  });

  const outcome = await job.slice({ source });
  expect(outcome).toEqual({ type: "to_be_continued", wakeAt: AT + 1_000, waiting: "GET /x answered 503." });
  expect(await job.run(() => ({ source }))).toEqual([]);
  expect(sync.stream("items").progress?.counts).toEqual({ inserted: 5, updated: 0, deleted: 0, kept: 0, failed: 0 });
});

test("before its time a stream that waits is not asked again", async () => {
  const sync = new MemorySync();
  const job = sync.begin();
  const retryAt = AT + 3_600_000;
  const failure = new SourceFailure({ kind: "rate_limit", message: "Slow down.", retryAt });
  const source = sourceOf({
    before: ({ request }) => {
      if (request !== null) throw failure;
    },
  });
  const waiting = { type: "to_be_continued", wakeAt: retryAt, waiting: "Slow down." };

  expect(await job.slice({ source })).toEqual(waiting);
  const calls = source.calls();
  expect(await job.slice({ source })).toEqual(waiting);
  expect(source.calls()).toBe(calls);
});

test("a page in between wipes out the failures before it, so that only failures in a row count", async () => {
  const sync = new MemorySync();
  // More failures in all than a garbled answer may have in a row.
  const ids = ["a", "b", "c", "d", "e", "f", "g"];
  const page = inOrder(ids.map((id) => ({ records: records([id]) })));

  expect(
    await sync.begin().run(() => ({
      source: sourceOf({
        page,
        before: ({ number, request }) => {
          // Every other call fails, which is never more than one in a row.
          if (request !== null && number % 2 === 0)
            throw new SourceFailure({ kind: "bad_response", message: "Garbled." });
        },
      }),
    })),
  ).toEqual([]);
  expect(sync.stream("items").count).toBe(ids.length);
});

test("an answer that stays garbled is given up, and what was committed stays", async () => {
  const sync = new MemorySync();
  const failures = await sync.begin().run(() => ({
    source: sourceOf({
      page: (request) => {
        if (request.checkpoint === 1) throw new SourceFailure({ kind: "bad_response", message: "Garbled." });
        return PAGES(request);
      },
    }),
  }));

  expect(failures).toEqual([{ stream: "items", category: "bad_response", message: "Garbled." }]);
  expect(sync.stream("items")).toMatchObject({ count: 2, cursor: null, progress: { phase: "failed" } });
});

test("a source that just stops proves nothing: the read is tried again, then given up, and deletes nothing", async () => {
  const sync = new MemorySync();
  await sync.begin().run(() => ({ source: sourceOf({}) }));
  const failures = await sync
    .begin()
    .run(() => ({ source: sourceOf({ page: (request) => (request.checkpoint === null ? PAGES(request) : null) }) }));

  expect(failures).toMatchObject([
    { category: "internal", message: "The source stopped before the end of the stream." },
  ]);
  expect(sync.stream("items").count).toBe(5);
});

test("a fault of the connector names its kind only, since its text may hold anything", async () => {
  const failures = await new MemorySync().begin().run(() => ({
    source: sourceOf({
      before: ({ request }) => {
        if (request !== null) throw new TypeError("secret-token is not a function");
      },
    }),
  }));

  expect(failures).toMatchObject([{ category: "internal", message: expect.stringContaining("TypeError") }]);
  expect(JSON.stringify(failures)).not.toContain("secret-token");
});

test("a page that says to come back later ends the reading until then, and is no failure", async () => {
  const sync = new MemorySync();
  const job = sync.begin();
  const resumeAt = AT + 60_000;
  const source = sourceOf({
    page: inOrder([{ records: records(["a"]), resumeAt }, { records: records(["b"]) }]),
  });

  expect(await job.slice({ source })).toMatchObject({ type: "to_be_continued", wakeAt: resumeAt });
  expect(source.calls()).toBe(2);
  expect(await job.run(() => ({ source }))).toEqual([]);
  expect(sync.stream("items")).toMatchObject({ count: 2, progress: { attempts: 0 } });
});

test("when the source no longer knows the cursor, the stream is read in full, and what is gone is found", async () => {
  const sync = new MemorySync();
  const streams = [aStreamOf("items", { incremental: true })];
  await sync.begin().run(() => ({ source: sourceOf({ streams }) }));

  expect(
    await sync.begin().run(() => ({
      source: sourceOf({
        streams,
        page: (request) => {
          if (request.cursor !== null) throw new CursorLost("The database was recreated.");
          return inOrder([{ records: records(["a", "b", "c"]) }], "new")(request);
        },
      }),
    })),
  ).toEqual([]);
  expect(sync.stream("items")).toMatchObject({ count: 3, cursor: "new" });
  expect(sync.stream("items").progress?.counts).toEqual({ inserted: 0, updated: 0, deleted: 2, kept: 3, failed: 0 });
});

test("what was counted before the place was lost is not counted again", async () => {
  const sync = new MemorySync();
  await sync.begin().run(() => ({ source: sourceOf({}) }));
  let lost = false;
  const page: Script["page"] = (request) => {
    if (request.checkpoint === 2 && !lost) {
      lost = true;
      throw new CursorLost("Page token expired.");
    }
    return inOrder([
      { records: [...records(["a", "b"]), { v: "no id" }] },
      { records: records(["c"]) },
      { records: records(["d", "e"]) },
    ])(request);
  };

  expect(await sync.begin().run(() => ({ source: sourceOf({ page }) }))).toEqual([]);
  expect(sync.stream("items").progress?.counts).toEqual({ inserted: 0, updated: 0, deleted: 0, kept: 5, failed: 1 });
  expect(sync.stream("items").progress?.rejections).toHaveLength(1);
});

test("a pass that begins anew is measured by what is stored by then, not by what was there when the job began", async () => {
  const sync = new MemorySync();
  let lost = false;
  const page: Script["page"] = (request) => {
    if (request.checkpoint === 2 && !lost) {
      lost = true;
      throw new CursorLost("Page token expired.");
    }
    return PAGES(request);
  };

  expect(await sync.begin().run(() => ({ source: sourceOf({ page }) }))).toEqual([]);
  expect(sync.stream("items")).toMatchObject({ count: 5, progress: { restarts: 1, before: 4 } });
});

test("a source that loses its place again and again is given up instead of going round for ever", async () => {
  const sync = new MemorySync();
  const source = sourceOf({
    before: ({ request }) => {
      if (request !== null) throw new CursorLost("Gone.");
    },
  });
  const failures = await sync.begin().run(() => ({ source }));

  expect(failures).toMatchObject([{ category: "bad_response", message: expect.stringContaining("3 times") }]);
  expect(source.calls()).toBe(1 + 4);
});

test.each([1, 2, 3, 4])(
  "an abort while call %i hangs ends the slice at once, and nothing is recorded",
  async (hangs) => {
    const sync = new MemorySync();
    const job = sync.begin();
    const { promise: arrived, resolve } = Promise.withResolvers<void>();
    const source = sourceOf({
      before: ({ number }) => {
        if (number !== hangs) return;
        resolve();
        return hanging();
      },
    });
    const controller = new AbortController();
    const outcome = job.slice({ source, signal: controller.signal });
    await arrived;
    controller.abort(new Error("cancelled"));

    expect(await outcome).toEqual({ type: "stopped" });
    expect(sync.streams.every(({ progress }) => progress?.attempts === 0)).toBe(true);
  },
);

test("an abort before the slice begins lets nothing happen", async () => {
  const sync = new MemorySync();
  const source = sourceOf({});

  expect(await sync.begin().slice({ source, signal: AbortSignal.abort() })).toEqual({ type: "stopped" });
  expect(sync.streams).toEqual([]);
});

test("a job that is not running any more accepts no page", async () => {
  const sync = new MemorySync();
  const job = sync.begin();
  const source = sourceOf({
    before: ({ number }) => {
      if (number === 3) job.isRunning = false;
    },
  });
  await job.slice({ source });

  expect(sync.stream("items").count).toBe(0);
});

test("a source that hangs in its own clean-up does not hold the slice", async () => {
  const source = {
    ...sourceOf({}),
    async *read() {
      try {
        yield* [];
        throw transient();
      } finally {
        await hanging();
      }
    },
  };
  const controller = new AbortController();
  const outcome = new MemorySync().begin().slice({ source, signal: controller.signal });
  queueMicrotask(() => controller.abort(new Error("cancelled")));

  expect(await outcome).toEqual({ type: "stopped" });
});
