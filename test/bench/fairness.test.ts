import { expect, test } from "vitest";

import { fairnessOf, type Stay } from "./fairness.ts";

/** Jobs that are accepted one a millisecond, and take so long. */
function jobs(count: number, tookMs: (place: number) => number): Stay[] {
  return Array.from({ length: count }, (_, place) => ({ acceptedAt: place, endedAt: place + tookMs(place) }));
}

test("where each job gets its turn, none takes longer than those beside it, and none is passed", () => {
  expect(fairnessOf(jobs(2_000, () => 5_000))).toEqual({ slowdown: 1, passedBy: 0 });
});

test("that all take longer the later they come is the load, not unfairness", () => {
  const { slowdown, passedBy } = fairnessOf(jobs(2_000, (place) => 1_000 + place));
  expect(slowdown).toBeLessThan(1.05);
  expect(passedBy).toBe(0);
});

test("a job that gets its turn only when the others are done is seen by what it took, and by whom it let pass", () => {
  const starved = 300;
  const { slowdown, passedBy } = fairnessOf(jobs(2_000, (place) => (place === starved ? 20_000 : 5_000)));
  expect(slowdown).toBe(4);
  expect(passedBy).toBe(2_000 - starved - 1);
});

test("where the newest goes first, the oldest is passed by all", () => {
  expect(fairnessOf(jobs(100, (place) => 1_000 - 2 * place)).passedBy).toBe(99);
});
