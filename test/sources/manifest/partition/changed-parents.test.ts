import { expect, test } from "vitest";

import type { Json } from "#core/json";
import { datetimeBasedCursor } from "#sources/manifest/incremental/datetime-based-cursor";
import { NOTHING } from "#sources/manifest/retriever/page-fetch";
import { readPartitions } from "#sources/manifest/retriever/read-partitions";
import { manifestScope } from "#test/support/manifest-scope";
import { routerOf } from "./partitions-of.ts";

const START = "2026-05-01T00:00:00Z";

/** The parents whose children a stream reads, in order. The first one comes again, as one does that changes meanwhile. */
async function parentsRead(isDependency: boolean): Promise<number[]> {
  const read: number[] = [];
  const incremental = datetimeBasedCursor.schema.parse({
    type: "DatetimeBasedCursor",
    cursor_field: "at",
    datetime_format: "%Y-%m-%dT%H:%M:%SZ",
    start_datetime: START,
  })(manifestScope({}));
  const pages: Json = [
    [{ id: 1 }, { id: 2 }],
    [{ id: 3 }, { id: 1 }],
  ];
  const router = routerOf({
    type: "SubstreamPartitionRouter",
    parent_stream_configs: [
      {
        stream: { type: "FakeParent", name: "parents", pages },
        parent_key: "id",
        partition_field: "parent",
        incremental_dependency: isDependency,
      },
    ],
  });
  const parts = {
    stream: "children",
    router,
    incremental,
    reset: null,
    initialToken: null,
    now: () => Date.parse("2026-06-01T00:00:00Z"),
    fetch: async ({ partition }: { readonly partition: Record<string, Json> }) => {
      read.push(Number(partition["parent"]));
      return { ...NOTHING, records: [{ id: read.length, at: START }] };
    },
  };
  for await (const page of readPartitions(parts, { cursor: null, checkpoint: null })) expect(page).toBeDefined();
  return read;
}

test("a parent that changes while parents are read from their cursor has its children read again: the cursor is past it", async () => {
  expect(await parentsRead(true)).toEqual([1, 2, 3, 1]);
});

test("a parent that comes twice because pages moved is read once, where the next job reads all parents anyway", async () => {
  expect(await parentsRead(false)).toEqual([1, 2, 3]);
});
