import { beforeEach, expect, test } from "vitest";

import type { Json } from "#core/json";
import { datetimeBasedCursor } from "#sources/manifest/incremental/datetime-based-cursor";
import type { IncrementalSync } from "#sources/manifest/incremental/incremental-sync";
import { NOTHING } from "#sources/manifest/retriever/page-fetch";
import { readPartitions, type ReadParts } from "#sources/manifest/retriever/read-partitions";
import type { Page } from "#sources/source";
import { manifestScope } from "#test/support/manifest-scope";
import { asked } from "./fake-parent.ts";
import { routerOf } from "./partitions-of.ts";

const PARENTS = 100_000;
const PARENTS_A_PAGE = 1_000;
/** Pages of the stream that a slice reads. They hold ten partitions each, so slices end in the middle of parents' pages. */
const PAGES_A_SLICE = 333;
const NOW = Date.UTC(2026, 5, 1);

const ids = Array.from({ length: PARENTS }, (_, index): Json => ({ id: index + 1 }));
const pages = Array.from({ length: PARENTS / PARENTS_A_PAGE }, (_, page) =>
  ids.slice(page * PARENTS_A_PAGE, (page + 1) * PARENTS_A_PAGE),
);
const router = routerOf({
  type: "SubstreamPartitionRouter",
  parent_stream_configs: [
    { stream: { type: "FakeParent", name: "parents", pages }, parent_key: "id", partition_field: "parent" },
  ],
});

beforeEach(() => {
  asked.length = 0;
});

/** Reads one record for each parent, in slices that know nothing but the checkpoint of the one before. */
async function readInSlices(incremental: IncrementalSync | null) {
  const read: number[] = [];
  const parts: ReadParts = {
    stream: "children",
    router,
    incremental,
    reset: null,
    initialToken: null,
    now: () => NOW,
    fetch: async ({ partition }) => {
      const parent = Number(partition["parent"]);
      read.push(parent);
      return { ...NOTHING, records: [{ id: parent, at: "2026-05-01T00:00:00Z" }] };
    },
  };
  let checkpoint: Json = null;
  let longest = 0;
  let end: Page["end"] = null;
  while (end === null) {
    if (asked.length > 100) throw new Error("The slices get no further.");
    let count = 0;
    const pagesRead: AsyncIterable<Page> = readPartitions(parts, { cursor: null, checkpoint });
    for await (const page of pagesRead) {
      const stored: string = JSON.stringify(page.checkpoint);
      longest = Math.max(longest, stored.length);
      checkpoint = JSON.parse(stored);
      end = page.end;
      count += 1;
      if (count === PAGES_A_SLICE) break;
    }
  }
  return { read, longest, end };
}

const eachOnce = Array.from({ length: PARENTS }, (_, index) => index + 1);

test("a substream over 100,000 parents goes on in each slice with the parents' page it was on, and its state is small", async () => {
  const { read, longest, end } = await readInSlices(null);
  expect(read).toEqual(eachOnce);
  expect(longest).toBeLessThan(1_000);
  expect(end).toEqual({ cursor: null, complete: true });
  // A slice reads 3,330 partitions: it takes no more of the parents' pages than hold those.
  expect(asked).toHaveLength(Math.ceil(PARENTS / 10 / PAGES_A_SLICE));
  for (const [slice, { checkpoint, pages: taken }] of asked.entries()) {
    const first = Math.floor((slice * PAGES_A_SLICE * 10 - 1) / PARENTS_A_PAGE);
    expect({ slice, checkpoint, taken: taken <= 5 }).toEqual({
      slice,
      checkpoint: first > 0 ? first : null,
      taken: true,
    });
  }
});

test("with a cursor for each parent, what is stored with a page is bounded, however many parents there are", async () => {
  const incremental = datetimeBasedCursor.schema.parse({
    type: "DatetimeBasedCursor",
    cursor_field: "at",
    datetime_format: "%Y-%m-%dT%H:%M:%SZ",
    start_datetime: "2026-01-01T00:00:00Z",
  })(manifestScope({}));
  const { read, longest, end } = await readInSlices(incremental);
  expect(read).toEqual(eachOnce);
  expect(longest).toBeLessThan(500_000);
  // Past the limit all share one cursor.
  expect(JSON.stringify(end?.cursor).length).toBeLessThan(1_000);
  expect(end?.complete).toBe(true);
});
