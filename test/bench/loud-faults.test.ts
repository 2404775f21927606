import { expect, test } from "vitest";

import { isFault } from "./loud-faults.ts";

const lineOf = (fields: object) => JSON.stringify(fields);

test("what went wrong in Sluice is a fault", () => {
  expect(isFault(lineOf({ event: "unexpected_error", where: "telling others", message: "disk full" }))).toBe(true);
  expect(isFault(lineOf({ event: "watchdog_ran", poked: 1, failed: 0 }))).toBe(true);
  expect(isFault(lineOf({ event: "request_answered", route: "/v1/sources", status: 503 }))).toBe(true);
});

test("what went well, was refused, or ended as a source would have it, is none", () => {
  expect(isFault(lineOf({ event: "request_answered", route: "/v1/sources", status: 409 }))).toBe(false);
  expect(isFault(lineOf({ event: "job_ended", status: "FAILED", error_category: "bad_response" }))).toBe(false);
  expect(isFault("a line of something else")).toBe(false);
});
