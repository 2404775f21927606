import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";
import { z } from "zod";

import { fitsGlob } from "#sources/manifest/record/glob";

/* The table says which names fit by Python's fnmatch; glob-oracle.py beside it made it. */

const { names, cases } = z
  .object({
    names: z.array(z.string()),
    cases: z.array(z.object({ pattern: z.string(), fits: z.array(z.string()) })),
  })
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, "globs.json"), "utf8")));

test.each(cases)("the same names fit $pattern as in Python", ({ pattern, fits }) => {
  expect(names.filter((name) => fitsGlob(name, pattern))).toEqual(fits);
});

test("a pattern with many stars is no more work than both lengths multiplied", () => {
  expect(fitsGlob("a".repeat(20_000), `${"*a".repeat(500)}*b`)).toBe(false);
});
