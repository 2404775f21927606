import { expect, test } from "vitest";

import { PageTurns } from "#sync/page-turns";

const MANY = { ms: 1_000, requests: 1_000, bytes: 1_000 };
const NOTHING = { ms: 0, requests: 0, bytes: 0 };

const turnsOf = (requests: number, usage = () => NOTHING) => new PageTurns({ budget: { ...MANY, requests }, usage });

/** Asks for as many pages as it may, one stream after the other; how many each got. */
function inStep(turns: PageTurns, streams: readonly string[]): number[] {
  const taken = streams.map(() => 0);
  for (let round = 0; round < 100; round += 1) {
    for (const [at, stream] of streams.entries()) {
      if (!turns.isOpen(stream)) continue;
      turns.took(stream);
      taken[at] = (taken[at] ?? 0) + 1;
    }
  }
  return taken;
}

test.each([
  [12, [4, 4, 4]],
  [13, [4, 4, 4]],
  [14, [4, 4, 4]],
  [15, [5, 5, 5]],
])(
  "streams in step end a slice of %i requests together, so that none waits for another's last page",
  (requests, taken) => {
    expect(inStep(turnsOf(requests), ["a", "b", "c"])).toEqual(taken);
  },
);

test("a stream alone has all of the budget", () => {
  expect(inStep(turnsOf(7), ["a"])).toEqual([7]);
});

test("a fast stream leaves one page to each of the slow ones, and no more", () => {
  const turns = turnsOf(10);
  for (const slow of ["b", "c"]) turns.took(slow);
  expect(inStep(turns, ["a"])).toEqual([6]);

  const behind = turnsOf(10);
  for (const stream of ["a", "b", "c", "a", "b"]) behind.took(stream);
  // "c" is due one page before the third ones of the others.
  expect(inStep(behind, ["a", "b", "c"])).toEqual([1, 1, 2]);
});

test("once a stream may not ask, it may not in this slice, though others end", () => {
  const turns = turnsOf(3);
  for (const stream of ["a", "b"]) turns.took(stream);
  expect(turns.isOpen("a")).toBe(false);
  turns.leave("b");
  expect(turns.isOpen("a")).toBe(false);
});

test("nothing is left for a stream that ended before the budget did", () => {
  const turns = turnsOf(3);
  for (const stream of ["a", "b"]) turns.took(stream);
  turns.leave("b");
  expect(turns.isOpen("a")).toBe(true);
});

test("requests that a page took beyond its own count", () => {
  const turns = turnsOf(10, () => ({ ...NOTHING, requests: 10 }));
  turns.took("a");
  expect(turns.isOpen("a")).toBe(false);
});

test("pages are light as long as all streams can hold one and the next, by the bytes of those that have arrived", () => {
  let bytes = 0;
  const turns = turnsOf(100, () => ({ ...NOTHING, bytes }));
  for (const stream of ["a", "b"]) turns.took(stream);
  turns.arrived();
  bytes = 4_000_000;
  expect(turns.pagesAreLight()).toBe(true);
  bytes = 4_000_001;
  expect(turns.pagesAreLight()).toBe(false);
  turns.arrived();
  expect(turns.pagesAreLight()).toBe(true);
  // With fewer streams there is room for larger pages.
  bytes = 16_000_000;
  expect(turns.pagesAreLight()).toBe(false);
  turns.leave("b");
  expect(turns.pagesAreLight()).toBe(true);
});
