import * as fc from "fast-check";
import { expect, test } from "vitest";

import { firstDue, nextDue } from "#core/jitter";
import { nextTime } from "#core/next-time";
import { AT } from "#test/support/builders";

const MINUTE_MS = 60_000;

const rhythms = fc.record({
  cron: fc.constantFrom("* * * * *", "*/5 * * * *", "7,9,40 * * * *", "0 6 * * *", "30 2 * * SUN"),
  timezone: fc.constantFrom("UTC", "America/New_York"),
});
const spreads = fc.record({
  key: fc.uuid(),
  jitterMs: fc.integer({ min: 0, max: 60 }).map((each) => each * MINUTE_MS),
});
const instants = fc.integer({ min: Date.UTC(2026, 9, 1), max: Date.UTC(2027, 11, 1) });

test("without jitter, due times are those of the cron expression", () => {
  const rhythm = { cron: "0 6 * * *", timezone: "UTC" };
  for (const due of [firstDue, nextDue]) {
    expect(due(rhythm, AT, { key: "a", jitterMs: 0 })).toBe(nextTime("0 6 * * *", "UTC", AT));
  }
});

test("each time of the cron expression is due once, at the same place, before the next one and by the jitter at most", () => {
  fc.assert(
    fc.property(rhythms, spreads, instants, (rhythm, spread, start) => {
      let due = firstDue(rhythm, start, spread);
      let at = nextTime(rhythm.cron, rhythm.timezone, start);
      for (let index = 0; index < 8; index += 1) {
        if (at === null || due === null) throw new Error("These never end.");
        const following = nextTime(rhythm.cron, rhythm.timezone, at) ?? 0;
        expect(due).toBeGreaterThanOrEqual(at);
        expect(due).toBeLessThan(following);
        expect(due - at).toBeLessThanOrEqual(spread.jitterMs);
        due = nextDue(rhythm, due, spread);
        at = following;
      }
    }),
    { numRuns: 40 },
  );
});

test("a time that is due late is not passed over because the next one of the cron expression has come", () => {
  const spread = { key: keyDueAfter(4), jitterMs: 5 * MINUTE_MS };
  const rhythm = { cron: "*/5 * * * *", timezone: "UTC" };
  // 09:30 is due at 09:34; a sweep at 09:36 deals with it, and 09:35 is due at 09:39.
  expect(nextDue(rhythm, AT + 6 * MINUTE_MS, spread)).toBe(AT + 9 * MINUTE_MS);
});

test("connections are spread evenly over the minutes", () => {
  const minutes = Array.from({ length: 2_000 }, () => delayOf(crypto.randomUUID(), "0 6 * * *"));
  for (const minute of [0, 1, 2, 3, 4]) {
    expect(minutes.filter((each) => each === minute).length).toBeGreaterThan(300);
  }
  expect(Math.max(...minutes)).toBe(4);
});

/** Minutes. */
function delayOf(key: string, cron: string): number {
  const due = firstDue({ cron, timezone: "UTC" }, AT, { key, jitterMs: 5 * MINUTE_MS });
  return ((due ?? 0) - (nextTime(cron, "UTC", AT) ?? 0)) / MINUTE_MS;
}

function keyDueAfter(minutes: number): string {
  for (let index = 0; ; index += 1) if (delayOf(`key-${index}`, "*/5 * * * *") === minutes) return `key-${index}`;
}
