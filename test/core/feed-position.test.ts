import * as fc from "fast-check";
import { expect, test } from "vitest";

import { FEED_START, formatFeedCursor, parseFeedCursor } from "#core/feed-position";

test("a cursor comes back as the position it was made from", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e15 - 1 }), fc.nat(1e9 - 1), (seq, offset) => {
      expect(parseFeedCursor("feed1", formatFeedCursor("feed1", { seq, offset }))).toEqual({ seq, offset });
    }),
  );
});

test("the start of the feed is its first entry", () => {
  expect(formatFeedCursor("f", FEED_START)).toBe("f.1.0");
});

test("a cursor of another feed is none of this one's, so that it is noticed", () => {
  expect(parseFeedCursor("feed1", formatFeedCursor("feed2", FEED_START))).toBeNull();
});

test.each([
  "",
  "f",
  "f.1",
  "f.0.0",
  "f.-1.0",
  "f.1.-1",
  "f.1.0.0",
  "f.01.0",
  "f.1.00",
  "f.1e3.0",
  "f.1.0\n",
  " f.1.0",
  "f.9999999999999999.0",
  ".1.0",
  "f.½.0",
])("%j is not a cursor", (text) => {
  expect(parseFeedCursor("f", text)).toBeNull();
});

test("no text whatever makes it throw, and hardly any is a cursor", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(parseFeedCursor("f", text) === null || text.startsWith("f.")).toBe(true);
    }),
  );
});
