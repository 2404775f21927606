import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { findJsonFault } from "#http/json-fault";

describe("findJsonFault", () => {
  test.each([
    ["null"],
    [" [ ] "],
    ["{}"],
    ['{"a":{"b":[1,-2.5e3,true,false,null,"x"]},"c":""}'],
    [String.raw`"\"\\\/\b\f\n\r\té"`],
    [String.raw`"\ud83d\ude00"`],
    ['{"a":1,"A":2}'],
    ['[{"a":1},{"a":1}]'],
    [`${"[".repeat(64)}${"]".repeat(64)}`],
  ])("accepts %s", (text) => {
    expect(findJsonFault(text)).toBeNull();
  });

  test.each([
    ["", 0, "it ends too early"],
    ["{", 1, "a key in double quotes is missing"],
    ["[1,]", 3, "a value is missing"],
    ['{"a":1,}', 7, "a key in double quotes is missing"],
    ['{"a" 1}', 5, "a colon is missing"],
    ["[1 2]", 3, "a comma or a closing bracket is missing"],
    ['{"a":1]', 6, "a comma or a closing brace is missing"],
    ["{} {}", 3, "there is something after its end"],
    ["01", 1, "there is something after its end"],
    ["nul", 0, "a value is missing"],
    ["1e999", 0, "a number is too large"],
    ['"abc', 4, "a string is not closed"],
    ['"a\nb"', 2, "a string has an unescaped control character"],
    [String.raw`"\x41"`, 0, "a string has a bad escape or half of a surrogate pair"],
    [String.raw`["\ud800"]`, 1, "a string has a bad escape or half of a surrogate pair"],
    [String.raw`{"\udc00":1}`, 1, "a string has a bad escape or half of a surrogate pair"],
    ['{"a":1,"b":2,"a":3}', 13, "a key occurs twice in the same object"],
    [String.raw`{"a":1,"\u0061":3}`, 7, "a key occurs twice in the same object"],
    ['{"__proto__":{"admin":true}}', 1, "`__proto__` is not allowed as a key"],
    [`${"[".repeat(65)}${"]".repeat(65)}`, 64, "it is nested deeper than 64 levels"],
  ])("refuses %j and says where", (text, offset, problem) => {
    expect(findJsonFault(text)).toEqual({ offset, problem });
  });

  test("survives ten million brackets, because it does not recurse", () => {
    expect(findJsonFault("[".repeat(10_000_000))).toEqual({
      offset: 64,
      problem: "it is nested deeper than 64 levels",
    });
  });

  test("finds nothing wrong with what JSON.stringify writes", () => {
    const withoutProto = fc.jsonValue({ maxDepth: 6 }).filter((value) => !JSON.stringify(value).includes("__proto__"));
    fc.assert(
      fc.property(withoutProto, fc.constantFrom(0, 2), (value, indent) => {
        expect(findJsonFault(JSON.stringify(value, null, indent))).toBeNull();
      }),
    );
  });

  test("never lets through what JSON.parse refuses", () => {
    const fragments = fc.array(
      fc.constantFrom("{", "}", "[", "]", ",", ":", '"', "\\", "a", "1", "-", ".", "e", "null", " "),
    );
    fc.assert(
      fc.property(
        fragments.map((parts) => parts.join("")),
        (text) => {
          const isSound = findJsonFault(text) === null;
          expect(isSound && !isJson(text)).toBe(false);
        },
      ),
      { numRuns: 5_000 },
    );
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
