import { expect, test } from "vitest";

import { CannotStart } from "#cli/cannot-start";
import { EXIT, exitCodeOf, exitCodeOfJob } from "#cli/exit-code";
import { Refused, Unreachable } from "#cli/refused";
import { Interrupted, NotFound, NotLoggedIn, WrongUsage } from "#cli/stopped";

test.each([
  [400, EXIT.usage],
  [401, EXIT.noAccess],
  [403, EXIT.noAccess],
  [404, EXIT.notFound],
  [409, EXIT.conflict],
  [422, EXIT.usage],
  [429, EXIT.unavailable],
  [500, EXIT.unavailable],
  [503, EXIT.unavailable],
])("an answer of %i ends with %i", (status, exitCode) => {
  expect(exitCodeOf(new Refused("GET /v1/x", status, "{}"))).toBe(exitCode);
});

test.each([
  [new Unreachable(""), EXIT.unavailable],
  [new NotLoggedIn(""), EXIT.noAccess],
  [new NotFound(""), EXIT.notFound],
  [new WrongUsage(""), EXIT.usage],
  [new CannotStart(""), EXIT.usage],
  [new Interrupted(""), EXIT.interrupted],
  [new Error(""), EXIT.fault],
])("%s ends with %i", (error, exitCode) => {
  expect(exitCodeOf(error)).toBe(exitCode);
});

test.each([
  ["COMPLETED", 0],
  ["FAILED", 3],
  ["CANCELLED", 4],
] as const)("a job that ended %s ends with %i: scripts rely on these", (status, exitCode) => {
  expect(exitCodeOfJob({ status })).toBe(exitCode);
});
