import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { placesAt, removeAt, replaceAt, setAt, soleValueAt, valueAt } from "#sources/manifest/record/path";
import { SourceFailure } from "#sources/source";

/* What dpath makes of paths is in the tables of extractors and transformations. Here is what goes beyond them. */

describe("setting a value", () => {
  test.each([
    [{ a: 1 }, ["a", "b"]],
    [{ a: null }, ["a", "b"]],
    [{ a: "text" }, ["a", "0"]],
    [{ a: [1] }, ["a", "b"]],
    [{ a: [1] }, ["a", "-1"]],
    [{ a: [1] }, ["a", "0", "b"]],
    [{ a: [] }, ["a", "1000000000"]],
  ])("in %j at %j is a failure that names the path, rather than a loss of what is there", (record, path) => {
    const before = structuredClone(record);
    expect(() => setAt(record, path, 2)).toThrow(SourceFailure);
    expect(record).toEqual(before);
  });

  test("a field called __proto__ is a field, and no other object changes", () => {
    const record = JSON.parse("{}");
    setAt(record, ["__proto__", "polluted"], 1);
    setAt(record, ["constructor", "prototype", "polluted"], 1);
    expect(JSON.stringify(record)).toBe('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}');
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });

  test("what was set is found again", () => {
    const part = fc.constantFrom("a", "b", "0", "2", "x y", "__proto__", "");
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), fc.jsonValue(), (path, value) => {
        const record = JSON.parse("{}");
        setAt(record, path, value);
        expect(valueAt(record, path)).toEqual(value);
      }),
    );
  });
});

test("fields that every object inherits are not found", () => {
  expect(placesAt({ a: {} }, ["a", "constructor"])).toEqual([]);
  expect(placesAt({ a: [] }, ["a", "length"])).toEqual([]);
});

test("a path that fits several places where one is expected is a failure, not the first of them", () => {
  expect(() => soleValueAt({ ab: 1, ac: 2 }, ["a?"])).toThrow(/fits 2 places/);
  expect(soleValueAt({ ab: 1 }, ["a?"])).toBe(1);
  expect(soleValueAt({ b: 1 }, ["a?"])).toBeUndefined();
});

test("only what is there is replaced", () => {
  const record = { list: [{ a: 1 }, { a: 2 }, { b: 3 }], a: 4 };
  expect(replaceAt(record, ["list", "*", "a"], 0)).toBe(2);
  expect(replaceAt(record, ["list", "0"], "first")).toBe(1);
  expect(replaceAt(record, ["nope"], 0)).toBe(0);
  expect(record).toEqual({ list: ["first", { a: 0 }, { b: 3 }], a: 4 });
});

test("what was removed is not found again, unless it is null in a list", () => {
  const part = fc.constantFrom("a", "b", "*", "**", "0", "?");
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom("a", "b"), fc.jsonValue()),
      fc.array(part, { maxLength: 3 }),
      (record, path) => {
        removeAt(record, path);
        const left = placesAt(record, path).filter(({ container }) => !Array.isArray(container));
        expect(left).toEqual([]);
      },
    ),
  );
});

test("an object nested without end is a failure, not the end of the call stack", () => {
  let record: Record<string, unknown> = {};
  for (let depth = 0; depth < 100_000; depth += 1) record = { a: record };
  expect(() => placesAt(record, ["**"])).toThrow(SourceFailure);
});
