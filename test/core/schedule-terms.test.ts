import { describe, expect, test } from "vitest";

import { defaultFullSyncCron, defaultSchedule, isAtMostHourly } from "#core/schedule-terms";
import { AT } from "#test/support/builders";

describe("a connection that is given no schedule", () => {
  test("runs every five minutes from its cursors, with a full sync half a day from its creation", () => {
    expect(defaultSchedule(true, AT)).toMatchObject({
      cron: "*/5 * * * *",
      full_sync_cron: "30 21 * * *",
      timezone: "UTC",
    });
  });

  test("runs daily at the minute of its creation where each run reads everything", () => {
    expect(defaultSchedule(false, AT)).toMatchObject({ cron: "30 9 * * *", full_sync_cron: null, timezone: "UTC" });
  });
});

test.each([
  ["*/10 * * * *", "UTC", "30 21 * * *"],
  ["0 * * * *", "UTC", "30 21 * * *"],
  ["@hourly", "Asia/Kolkata", "0 3 * * *"],
  ["0 */2 * * *", "UTC", null],
  ["*/5 * * * MON-FRI", "UTC", null],
])("the full sync that comes by default with %s in %s: %s", (cron, timezone, expected) => {
  expect(defaultFullSyncCron(cron, timezone, AT)).toBe(expected);
});

describe("at least an hour lies between runs", () => {
  test.each([
    ["0 * * * *", null],
    ["@hourly", null],
    ["59 23 * * *", null],
    ["5 */3 1-7 * MON", null],
    ["0 6 * * *", "0 3 * * SUN"],
    ["0 6 * * *", "0 6 * * SUN"],
    ["0 * * * *", "0 0 * * *"],
    ["30 23 * * *", "30 0 * * *"],
  ])("with %s and %s", (cron, full_sync_cron) => {
    expect(isAtMostHourly({ cron, full_sync_cron })).toBe(true);
  });

  test.each([
    ["* * * * *", null],
    ["*/59 * * * *", null],
    ["0,30 * * * *", null],
    ["0/10 * * * *", null],
    ["0-1 6 * * *", null],
    ["0,59 6 1 1 *", null],
    ["0 * * * *", "30 3 * * *"],
    ["0 6 * * *", "59 6 * * *"],
    ["59 23 * * *", "0 0 * * *"],
  ])("but not with %s and %s", (cron, full_sync_cron) => {
    expect(isAtMostHourly({ cron, full_sync_cron })).toBe(false);
  });
});
