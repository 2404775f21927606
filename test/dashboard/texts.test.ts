import { describe, expect, test } from "vitest";

import { apiPath } from "#dashboard/api";
import { findingOn } from "#dashboard/issue";
import { isDashboardPath } from "#dashboard/sections";
import { durationText, relativeText } from "#dashboard/time-text";

test.each([
  [-3, "just now"],
  [3, "in a moment"],
  [-59, "59 sec. ago"],
  [-3_599, "59 min. ago"],
  [7_300, "in 2 hr."],
  [-200_000, "2 days ago"],
])("%d seconds from now is %j", (seconds, text) => {
  expect(relativeText(seconds)).toBe(text);
});

test.each([
  [0, "0.0 s"],
  [9.94, "9.9 s"],
  [59.4, "59 s"],
  [59.6, "1 min 0 s"],
  [3_599.6, "1 h 0 min"],
  [90_000, "1 d 1 h"],
])("%d seconds last %j", (seconds, text) => {
  expect(durationText(seconds)).toBe(text);
});

test("a path's parts are encoded, so that no name becomes another path", () => {
  expect(apiPath`/v1/sources/${"a/../b?c"}`).toBe("/v1/sources/a%2F..%2Fb%3Fc");
});

test("what is wrong with a field is found by its place, its parts' faults included", () => {
  const issues = [
    { loc: ["body", "config", "url"], msg: "Field required" },
    { loc: ["body", "config", "items", 1], msg: "Too long" },
  ];
  expect(findingOn(issues, ["config", "url"])).toBe("Field required");
  expect(findingOn(issues, ["config", "items"])).toBe("Too long");
  expect(findingOn(issues, ["config", "u"])).toBeNull();
});

describe("paths", () => {
  test.each(["/", "/sign-in", "/connections/1/jobs/2", "/assets/x/style.css"])("%s is the dashboard's", (path) => {
    expect(isDashboardPath(path)).toBe(true);
  });
  test.each(["/v1", "/v1/sources", "/health", "/docs", "/metrics", "/nothing", "//v1/sources"])(
    "%s is the API's",
    (path) => {
      expect(isDashboardPath(path)).toBe(false);
    },
  );
});
