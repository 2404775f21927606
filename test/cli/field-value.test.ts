import { expect, test } from "vitest";

import { readFieldValue } from "#cli/field-value";

const field = (type: string, items: string | null = null, values: string[] | null = null) => ({
  type,
  items_type: items,
  enum_values: values,
});

test.each([
  [field("string"), " with spaces ", " with spaces "],
  [field("integer"), " 42", 42],
  [field("number"), "-1.5", -1.5],
  [field("boolean"), "yes", true],
  [field("boolean"), "0", false],
  [field("array"), "a, b,,c", ["a", "b", "c"]],
  [field("array", "integer"), "1,2", [1, 2]],
  [field("array"), '["a,b"]', ["a,b"]],
  [field("object"), '{"a": 1}', { a: 1 }],
  [field("string", null, ["full", "none"]), "full", "full"],
])("%j typed as %j is %j", (described, typed, value) => {
  expect(readFieldValue(described, typed)).toEqual({ value });
});

test.each([
  [field("integer"), "1.5"],
  [field("integer"), ""],
  [field("number"), "many"],
  [field("boolean"), "perhaps"],
  [field("array", "integer"), "1,b"],
  [field("array"), "[1"],
  [field("object"), "x"],
  [field("string", null, ["full", "none"]), "half"],
])("%j can't be %j", (described, typed) => {
  expect(readFieldValue(described, typed)).toHaveProperty("problem");
});
