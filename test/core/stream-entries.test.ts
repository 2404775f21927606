import { expect, test } from "vitest";

import { NO_COUNTS } from "#core/job";
import { streamEntries } from "#core/stream-entries";
import type { StreamProgress } from "#core/stream-state";
import { aStream, AT } from "#test/support/builders";

function told(before: Partial<StreamProgress>, after: Partial<StreamProgress>) {
  return streamEntries(aStream(before), { ...aStream(after), count: 10 }, AT);
}

test.each<[string, Partial<StreamProgress>]>([
  ["a page", { pages: 1, counts: { ...NO_COUNTS, inserted: 5 } }],
  ["a page after a failure", { pages: 1, attempts: 0 }],
  ["a batch of orphans", { phase: "reading", pages: 2 }],
])("%s is nothing to tell", (_what, after) => {
  expect(told({ attempts: 2 }, after)).toEqual([]);
});

test.each([
  ["rate_limit", "rate_limited"],
  ["transient", "retrying"],
] as const)("a failure of kind %s that is tried again is %s, until when, and why", (reasonKind, type) => {
  const after = { attempts: 1, retryAt: AT + 1, reason: "Slow down.", reasonKind };
  expect(told({}, after)).toEqual([{ at: AT, type, stream: "items", message: "Slow down.", until: AT + 1 }]);
});

test("a page that says to come back later is told, unless it is in a moment", () => {
  const after = { pages: 1, retryAt: AT + 1_000, reason: "Nothing before then." };
  expect(told({ attempts: 3 }, after)).toMatchObject([{ type: "waiting", until: AT + 1_000 }]);
  expect(told({ attempts: 3 }, { ...after, retryAt: AT + 999 })).toEqual([]);
});

test("refused entities are told by name, those that are new in the sample", () => {
  const first = { stream: "items", id: "1", reason: "It is too large." };
  const rejections = [first, { stream: "items", id: null, reason: "It has no id." }, { ...first, id: 'a"b' }];
  expect(told({ rejections: [first] }, { rejections, pages: 1 }).map(({ message }) => message)).toEqual([
    "An entity is not stored: It has no id.",
    String.raw`Entity "a\"b" is not stored: It is too large.`,
  ]);
});

test("a stream's end is told with its counts; what is still to be deleted, before that", () => {
  const counts = { ...NO_COUNTS, inserted: 2 };
  expect(told({}, { phase: "done", counts })).toMatchObject([
    { type: "stream_finished", message: "Finished: 2 inserted." },
  ]);
  expect(told({}, { phase: "read", counts, seen: 7 })).toMatchObject([
    { type: "stream_read", message: expect.stringContaining("3 that the source no longer has are to be deleted") },
  ]);
  const failure = { stream: "items", category: "not_found", message: "It is gone." } as const;
  expect(told({}, { phase: "failed", failure })).toMatchObject([{ type: "stream_failed", message: "It is gone." }]);
});

test("a stream that is read again from its beginning says so, and nothing of the samples it gave up", () => {
  expect(told({ rejections: [] }, { restarts: 1 })).toMatchObject([{ type: "restarted" }]);
});
