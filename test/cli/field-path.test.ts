import { expect, test } from "vitest";

import { valueAt, withValueAt } from "#cli/field-path";

test("a path makes the objects on its way, and leaves what is beside it", () => {
  const before = { auth: { kind: "key" }, page: 1 };
  expect(withValueAt(before, "auth.key", "x")).toEqual({ auth: { kind: "key", key: "x" }, page: 1 });
  expect(withValueAt({}, "a.b.c", 1)).toEqual({ a: { b: { c: 1 } } });
  expect(before).toEqual({ auth: { kind: "key" }, page: 1 });
});

test.each([
  ["auth.kind", "key"],
  ["page", 1],
  ["auth.key", undefined],
  ["page.size", undefined],
  ["toString", undefined],
])("at %s is %j", (name, value) => {
  expect(valueAt({ auth: { kind: "key" }, page: 1 }, name)).toEqual(value);
});
