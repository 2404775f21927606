import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { JsonObject } from "#core/json";
import { aManifest, aStreamOf } from "#test/support/a-manifest";
import { registerManifest } from "#test/support/custom-source";
import { neverAnswered } from "#test/support/couch-upstream";
import { follow, ORGANIZATION, stopClock, TestConnection, valueOf } from "#test/support/connection";

/*
 * The object is evicted while it is in the middle of a manifest's stream: it goes on at the page it was at, of the
 * partition and of the window it was in.
 */

const PAGE_SIZE = 10;

/** What was asked for, as `path?query`, in order. */
let asked: string[];
/** The request that is never answered: the object dies while it waits for it. */
let hangsAt: string | null;
let hasHung: boolean;
/** How many records there are, by path and window. */
let rows: (path: string, since: string) => number;

beforeEach(() => {
  stopClock();
  asked = [];
  hangsAt = null;
  hasHung = false;
  vi.spyOn(globalThis, "fetch").mockImplementation((input, init) => {
    const url = new URL(new Request(input, init).url);
    const path = url.pathname.slice(1);
    asked.push(path + url.search);
    if (path + url.search === hangsAt) {
      hangsAt = null;
      hasHung = true;
      return neverAnswered();
    }
    const page = Number(url.searchParams.get("page") ?? 1);
    const since = url.searchParams.get("since") ?? "";
    const left = Math.max(0, rows(path, since) - (page - 1) * PAGE_SIZE);
    const data = Array.from({ length: Math.min(PAGE_SIZE, left) }, (_, index) => {
      const id = (page - 1) * PAGE_SIZE + index + 1;
      return { id: path === "companies" ? id : `${path}${since} ${id}`, updated_at: since };
    });
    return Promise.resolve(Response.json({ data }));
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

async function connect(stream: JsonObject): Promise<TestConnection> {
  const shortName = `crm-${crypto.randomUUID()}`;
  const connection = await TestConnection.create({
    shortName,
    manifest: await registerManifest(ORGANIZATION, shortName, aManifest([stream])),
    config: { start_date: "2026-01-01" },
    credentials: { api_key: "s3cret" },
  });
  asked = [];
  return connection;
}

/** Runs a job whose object dies while it waits for `request`; what was asked before, and what afterwards. */
async function evicted(connection: TestConnection, request: string) {
  const job = valueOf(await connection.run());
  hangsAt = request;
  await connection.dieInAlarm(() => hasHung);
  const before = asked;
  asked = [];
  const ended = await connection.finish(job);
  return { before, after: asked, ended };
}

const notes = ((): JsonObject => {
  const stream = aStreamOf("{{ stream_partition.company }}/notes");
  const retriever: JsonObject = JSON.parse(JSON.stringify(stream["retriever"]));
  const parent = { stream: aStreamOf("companies"), parent_key: "id", partition_field: "company" };
  return {
    ...stream,
    name: "notes",
    retriever: {
      ...retriever,
      partition_router: { type: "SubstreamPartitionRouter", parent_stream_configs: [parent] },
    },
  };
})();

test("in mid-partition it goes on at the page, with the page of parents that the partition is on", async () => {
  rows = (path) => (path === "companies" ? 25 : 35);
  const connection = await connect(notes);
  const { before, after, ended } = await evicted(connection, "17/notes?page=3");
  expect(before.slice(0, 2)).toEqual(["companies", "1/notes"]);
  expect(before.slice(-3)).toEqual(["17/notes", "17/notes?page=2", "17/notes?page=3"]);
  expect(after.slice(0, 4)).toEqual(["companies?page=2", "17/notes?page=3", "17/notes?page=4", "18/notes"]);
  expect(after.filter((one) => before.includes(one))).toEqual(["companies?page=2", "17/notes?page=3"]);
  expect(ended).toMatchObject({
    status: "COMPLETED",
    counts: { inserted: 25 * 35, updated: 0, deleted: 0, kept: 0, failed: 0 },
  });
  const copy = await connection.copy();
  expect(copy.size).toBe(25 * 35);
  expect(follow((await connection.changes()).changes)).toEqual(copy);
});

test("in a window of time it goes on at the window's page, and the cursor is that of an unbroken read", async () => {
  rows = () => 25;
  const stream = aStreamOf("people", {
    incremental_sync: {
      type: "DatetimeBasedCursor",
      cursor_field: "updated_at",
      start_datetime: "2026-01-01",
      end_datetime: "2026-04-15",
      datetime_format: "%Y-%m-%d",
      step: "P1M",
      cursor_granularity: "P1D",
      start_time_option: { type: "RequestOption", inject_into: "request_parameter", field_name: "since" },
    },
  });
  const connection = await connect(stream);
  const { before, after, ended } = await evicted(connection, "people?page=2&since=2026-03-01");
  expect(before.at(-1)).toBe("people?page=2&since=2026-03-01");
  expect(after).toEqual([
    "people?page=2&since=2026-03-01",
    "people?page=3&since=2026-03-01",
    "people?since=2026-04-01",
    "people?page=2&since=2026-04-01",
    "people?page=3&since=2026-04-01",
  ]);
  expect(ended).toMatchObject({ status: "COMPLETED", counts: { inserted: 100 } });
  asked = [];
  expect(await connection.sync()).toMatchObject({ status: "COMPLETED", mode: "incremental", counts: { kept: 25 } });
  expect(asked[0]).toBe("people?since=2026-04-01");
});
