import { expect, test } from "vitest";

import type { Week } from "./lived-week.ts";
import { expectWeek, weekOf } from "./long-week.ts";

const FAILED = { status: "FAILED", category: "rate_limited", inserted: 40 };
const COMPLETED = { status: "COMPLETED", category: null, inserted: 20 };
const WEEK: Week = { days: 2, pages: 100, jobs: [FAILED, FAILED, COMPLETED], faults: [] };

test("an upstream that takes two days is read by a job that fails at its deadline and one that goes on from there", async () => {
  expect(() => expectWeek(WEEK, 2)).not.toThrow();
  const week = await weekOf({ days: 2, deadlineSeconds: null });
  expect(week.faults).toEqual([]);
  expectWeek(week, 1);
});

test.for<[string, Partial<Week>]>([
  ["a fault", { faults: ["It asked before its time."] }],
  ["something that was not inserted", { pages: 101 }],
  ["another job that failed", { jobs: [FAILED, FAILED, FAILED, COMPLETED], pages: 140 }],
  ["a job that failed for another reason", { jobs: [FAILED, { ...FAILED, category: "internal" }, COMPLETED] }],
  ["none that completed", { jobs: [FAILED, FAILED, { ...FAILED, inserted: 20 }] }],
])("%s is not what a week is to be", ([, wrong]) => {
  expect(() => expectWeek({ ...WEEK, ...wrong }, 2)).toThrow("A week at the rate limit");
});
