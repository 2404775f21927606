import { expect, test } from "vitest";

import { hasBudget } from "#core/slice";

const BUDGET = { ms: 100, requests: 10, bytes: 1_000 };

test.each([
  ["nothing used", { ms: 0, requests: 0, bytes: 0 }, 0, true],
  ["a little left of everything", { ms: 99, requests: 9, bytes: 999 }, 0, true],
  ["the time is up", { ms: 100, requests: 0, bytes: 0 }, 0, false],
  ["the requests are used up", { ms: 0, requests: 10, bytes: 0 }, 0, false],
  ["the bytes are used up", { ms: 0, requests: 0, bytes: 1_000 }, 0, false],
  ["the pages under way will use up the requests", { ms: 0, requests: 7, bytes: 0 }, 3, false],
  ["one request is left beside the pages under way", { ms: 0, requests: 7, bytes: 0 }, 2, true],
])("another page may be asked for or not: %s", (_case, used, underWay, expected) => {
  expect(hasBudget(BUDGET, used, underWay)).toBe(expected);
});
