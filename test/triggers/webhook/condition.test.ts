import { describe, expect, test } from "vitest";

import { conditionFault, holds, MAX_CONDITION_LENGTH } from "#triggers/webhook/condition";

const ISSUE = { action: "opened", issue: { number: 7, labels: [{ name: "bug" }, { name: "p1" }] }, draft: false };

describe("a condition holds by JMESPath's idea of truth", () => {
  test.each([
    ["action == 'opened'", true],
    ["action == 'closed'", false],
    ["contains(['opened', 'reopened'], action)", true],
    ["issue.labels[?name == 'bug']", true],
    ["issue.labels[?name == 'p2']", false],
    ["issue.number > `5`", true],
    ["issue.number", true],
    ["draft", false],
    ["!draft", true],
    ["missing", false],
    ["missing.deeper", false],
    ["`0`", true],
    ["''", false],
    ["`{}`", false],
    ["action == 'opened' && issue.number == `7` || draft", true],
  ])("%s is %s", (expression, expected) => {
    expect(conditionFault(expression)).toBeNull();
    expect(holds(expression, ISSUE).holds).toBe(expected);
  });

  test("where it can't be evaluated it does not hold, and says so without quoting the body", () => {
    const outcome = holds("contains(action, 'x') && length(draft) > `0` || length(draft)", {
      ...ISSUE,
      draft: null,
      secret: "hush",
    });
    expect(outcome).toMatchObject({ holds: false, reason: expect.stringContaining("length()") });
    expect(JSON.stringify(outcome)).not.toMatch(/hush|opened/);
  });

  test("a body that is no JSON satisfies none", () => {
    expect(holds("`true`", undefined)).toMatchObject({ holds: false });
  });
});

describe("what is wrong with a condition is said when it is set", () => {
  test.each(["action ==", "a.", "foo(", "a=b", "a b", "a[?b", '`{"a":`', "", "'a' == ", "#", "a | "])(
    "%j",
    (expression) => {
      expect(conditionFault(expression)).toContain("not a JMESPath expression");
    },
  );

  test("that has a character no expression has is refused in a text that is well-formed", () => {
    const fault = conditionFault("a == 😀");
    expect(fault).toContain("not a JMESPath expression");
    expect(fault?.isWellFormed()).toBe(true);
  });

  test("a function that does not exist, by name", () => {
    expect(conditionFault("a && lower(b) == 'c'")).toContain("lower()");
  });

  test.each([
    `${"[@,@] | ".repeat(100)}@`,
    `${"[@,@][] | ".repeat(60)}@`,
    `map(&\`[${"0,".repeat(400)}0]\`, @)[]`,
    "join('', map(&'0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789', @))",
    "{a: [@,@,@], b: [@,@,@]} | {c: [a,b,a]}",
  ])("lists that repeat what they are given again and again: %s", (expression) => {
    expect(expression.length).toBeLessThanOrEqual(MAX_CONDITION_LENGTH);
    expect(conditionFault(expression)).toContain("more than");
  });

  test("constants to look something up in may be long", () => {
    const names = Array.from({ length: 60 }, (_, index) => `'repo-${index}'`).join(",");
    expect(conditionFault(`contains([${names}], repo)`)).toBeNull();
    expect(
      conditionFault("repo == 'a name that is longer than most, and still only a name that is compared with'"),
    ).toBeNull();
  });
});
