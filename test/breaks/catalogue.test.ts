import { expect, test } from "vitest";

import { broken } from "./break.ts";
import { CATALOGUE } from "./catalogue.ts";
import { readFile } from "./project.ts";

const PROMISES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

test.each(CATALOGUE)("$name is still a way to break the code as it is now", ({ edits, noticedBy, tests }) => {
  const files = new Map<string, string>();
  for (const edit of edits) {
    files.set(edit.file, broken(files.get(edit.file) ?? readFile(edit.file), edit));
  }
  expect([...files].filter(([file, text]) => text === readFile(file))).toEqual([]);
  expect(noticedBy.includes("tests")).toBe(tests !== undefined);
  for (const file of tests ?? []) expect(readFile(file)).toMatch(/^ *test\b/m);
});

test("every promise is broken somehow, each break has a name of its own", () => {
  expect([...new Set(CATALOGUE.map(({ promise }) => promise))].toSorted((a, b) => a - b)).toEqual(PROMISES);
  expect(new Set(CATALOGUE.map(({ name }) => name)).size).toBe(CATALOGUE.length);
});
