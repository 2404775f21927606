import * as fc from "fast-check";
import { expect, test } from "vitest";

import { readRetryAt } from "#sources/retry-after";

const NOW = Date.parse("2026-11-23T12:00:00Z");

test.each<[string, Record<string, string>, number | null]>([
  ["seconds", { "retry-after": "120" }, NOW + 120_000],
  ["fractions of a second", { "retry-after": "1.5" }, NOW + 1_500],
  ["fractions of a millisecond, never too early", { "retry-after": "1.5001" }, NOW + 1_501],
  ["nothing to wait for", { "retry-after": "0" }, NOW],
  ["surrounding space", { "retry-after": " 7 " }, NOW + 7_000],
  ["a wait of a week, since only the job's deadline is a cap", { "retry-after": "604800" }, NOW + 604_800_000],
  ["a date", { "retry-after": "Mon, 23 Nov 2026 12:05:00 GMT" }, NOW + 300_000],
  ["a date in the obsolete form", { "retry-after": "Monday, 23-Nov-26 12:05:00 GMT" }, NOW + 300_000],
  ["a date in the past, which means now", { "retry-after": "Sun, 06 Nov 1994 08:49:37 GMT" }, NOW],
  ["garbage", { "retry-after": "soon" }, null],
  ["a negative number", { "retry-after": "-5" }, null],
  ["something that Date.parse would take for a year", { "retry-after": "May 5" }, null],
  ["an impossible date", { "retry-after": "Mon, 99 Nov 2026 12:05:00 GMT" }, null],
  ["a number no Date can hold, which is the last moment", { "retry-after": "9".repeat(40) }, 8.64e15],
  ["nothing", {}, null],
  ["the reset of a used-up limit", { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1795435260" }, NOW + 60_000],
  ["a reset in the past", { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1000" }, NOW],
  [
    "the reset of a limit that is not used up",
    { "x-ratelimit-remaining": "3", "x-ratelimit-reset": "1795435260" },
    null,
  ],
  ["a used-up limit with a garbled reset", { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "later" }, null],
  [
    "both, where Retry-After is the more precise",
    { "retry-after": "5", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1795435260" },
    NOW + 5_000,
  ],
  [
    "both, where Retry-After is garbage",
    { "retry-after": "x", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1795435260" },
    NOW + 60_000,
  ],
])("reads %s", (_what, headers, expected) => {
  expect(readRetryAt(new Headers(headers), NOW)).toBe(expected);
});

test("answers null or a moment from now on that a Date can hold, whatever the header says", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...Array.from("0123456789.,-:eE GMTMonv")) }), (value) => {
      const at = readRetryAt(new Headers({ "retry-after": value }), NOW);
      if (at === null) return;
      expect(at).toBeGreaterThanOrEqual(NOW);
      expect(Number.isNaN(new Date(at).getTime())).toBe(false);
    }),
  );
});
