import { describe, expect, test } from "vitest";

import { startOfRead, type ReadStart, type ReadStream } from "#core/read-start";
import type { StreamProgress, StreamState } from "#core/stream-state";
import { aStream } from "#test/support/builders";

const START: ReadStart = { jobId: "job-2", forcedFull: false, isScheduled: false, terms: "v1" };
const STREAM: ReadStream = { primaryKey: [["id"]], incremental: true };

/** A stream that an outage ended after its third page, in its first read. */
function left(progress: Partial<StreamProgress> = {}, state: Partial<StreamState> = {}): StreamState {
  const failure = { stream: "items", category: "source_unavailable", message: "It is away." } as const;
  return {
    ...aStream({ phase: "failed", failure, pages: 3, checkpoint: { page: 3 }, terms: "v1", ...progress }),
    ...state,
  };
}

const BEGINNING = { checkpoint: null, isContinued: false };
const WHERE_IT_WAS_LEFT = { checkpoint: { page: 3 }, isContinued: true };

test("a stream that was never read is read from the beginning", () => {
  expect(startOfRead({ ...aStream(), progress: null }, STREAM, START)).toMatchObject({ full: true, ...BEGINNING });
});

test("a stream with a cursor goes on from it, unless a full read is wanted or its source has no cursors", () => {
  const state: StreamState = { ...aStream(), cursor: "c", progress: null };
  expect(startOfRead(state, STREAM, START)).toMatchObject({ full: false, cursor: "c", ...BEGINNING });
  expect(startOfRead(state, STREAM, { ...START, forcedFull: true })).toMatchObject({ full: true, cursor: null });
  expect(startOfRead(state, { ...STREAM, incremental: false }, START)).toMatchObject({ full: true, cursor: null });
});

test("a job that reads a stream a second time goes on counting what it changed, and counts anew what it sees", () => {
  const counts = { inserted: 3, updated: 2, deleted: 1, kept: 5, failed: 4 };
  const progress = startOfRead(left({ jobId: START.jobId, counts, pages: 7, checkpoint: null }), STREAM, START);
  expect(progress).toMatchObject({ pages: 7, counts: { ...counts, kept: 0, failed: 0 }, seen: 0, ...BEGINNING });
});

describe("a read that was left unfinished goes on where it was", () => {
  test.each<[string, StreamState, Partial<ReadStart>]>([
    ["after an outage", left(), {}],
    ["after a rate limit", left({ failure: { stream: "items", category: "rate_limited", message: "" } }), {}],
    ["after the job ended around it", left({ phase: "reading", failure: null }), {}],
    ["between two cursors", left({ full: false, cursor: "c" }, { cursor: "c" }), {}],
    ["for a scheduled full sync too, as long as it was never whole", left(), { forcedFull: true, isScheduled: true }],
  ])("%s", (_, state, start) => {
    expect(startOfRead(state, STREAM, { ...START, ...start })).toMatchObject({ ...WHERE_IT_WAS_LEFT, pages: 0 });
  });
});

describe("a read begins anew", () => {
  const inside = (category: "bad_response" | "api_key_invalid") =>
    left({ failure: { stream: "items", category, message: "" } });
  test.each<[string, StreamState, Partial<ReadStart>, Partial<ReadStream>]>([
    ["where the source has no cursors: changes behind the place would be missed", left(), {}, { incremental: false }],
    ["where a caller forces it", left(), { forcedFull: true }, {}],
    [
      "where a schedule wants everything of what was whole once",
      left({ full: false }, { cursor: "c" }),
      { forcedFull: true, isScheduled: true },
      {},
    ],
    ["where the last job got no further: its place may be what is wrong", left({ pages: 0 }), {}, {}],
    ["where what was read was the reason", inside("bad_response"), {}, {}],
    ["where the source has another version now", left(), { terms: "v2" }, {}],
    ["where nobody knows what the place depended on", left({ terms: null }), {}, {}],
    ["where entities have another key now", left(), {}, { primaryKey: [["uuid"]] }],
    ["where its owner reset it", left({}, { reset: true }), {}, {}],
    ["where the source has lost its cursor on the way", left({ full: true }, { cursor: "c" }), {}, {}],
    ["where it was finished", left({ phase: "done", failure: null }), {}, {}],
  ])("%s", (_, state, start, stream) => {
    expect(startOfRead(state, { ...STREAM, ...stream }, { ...START, ...start })).toMatchObject(BEGINNING);
  });
});
