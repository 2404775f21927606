import { expect, test } from "vitest";

import { DEFAULT_DELETE_GUARD, holdsBack } from "#core/delete-guard";

const keyed = { keyless: false };

test.each([
  ["half of a hundred may go", { ...keyed, before: 100, orphans: 50, seen: 50 }, false],
  ["more than half of a hundred may not", { ...keyed, before: 100, orphans: 51, seen: 49 }, true],
  [
    "everything may not, which is what a broken listing looks like",
    { ...keyed, before: 100, orphans: 100, seen: 0 },
    true,
  ],
  ["a small stream may lose everything", { ...keyed, before: 99, orphans: 99, seen: 0 }, false],
  [
    "as many new entities do not make up for those that are gone",
    { ...keyed, before: 100, orphans: 80, seen: 100 },
    true,
  ],
  [
    "without a key an edit is a delete and an insert, so only the loss in number counts",
    { keyless: true, before: 100, orphans: 90, seen: 100 },
    false,
  ],
  ["without a key a real loss is held back too", { keyless: true, before: 100, orphans: 90, seen: 40 }, true],
  ["without a key a loss of half is not", { keyless: true, before: 100, orphans: 90, seen: 50 }, false],
  ["an empty stream has nothing to lose", { ...keyed, before: 0, orphans: 0, seen: 5 }, false],
])("the default guard: %s", (_case, outcome, expected) => {
  expect(holdsBack(DEFAULT_DELETE_GUARD, outcome)).toBe(expected);
});

test("a ratio of 1 never holds back, since not more than everything can go", () => {
  expect(holdsBack({ ratio: 1, minEntities: 0 }, { ...keyed, before: 10, orphans: 10, seen: 0 })).toBe(false);
});

test("a ratio of 0 holds back a single delete", () => {
  expect(holdsBack({ ratio: 0, minEntities: 0 }, { ...keyed, before: 10, orphans: 1, seen: 9 })).toBe(true);
  expect(holdsBack({ ratio: 0, minEntities: 0 }, { ...keyed, before: 10, orphans: 0, seen: 10 })).toBe(false);
});
