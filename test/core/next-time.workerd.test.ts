import { describe, expect, test } from "vitest";

import { clockAt, isTimeZone, nextTime } from "#core/next-time";

// In workerd, whose time zone data decides in production. Instants worked out by hand from the zones' rules.

/** The next times, as ISO 8601 without seconds. */
function following(cron: string, zone: string, after: string, count: number): string[] {
  const times: string[] = [];
  for (let at = Date.parse(`${after}Z`); times.length < count;) {
    const next = nextTime(cron, zone, at);
    if (next === null) break;
    times.push(new Date(next).toISOString().slice(0, 16));
    at = next;
  }
  return times;
}

describe("when clocks go forward, a time that does not exist is due when they have:", () => {
  test.each([
    // 02:00 EST becomes 03:00 EDT on 14 March 2027, at 07:00 UTC.
    ["30 2 * * *", "America/New_York", "2027-03-13T12:00", ["2027-03-14T07:00", "2027-03-15T06:30"]],
    ["0 6 * * *", "America/New_York", "2027-03-13T00:00", ["2027-03-13T11:00", "2027-03-14T10:00"]],
    // Several times a day: none falls out, and what meets at the end of the gap is one.
    ["30 2,14 * * *", "America/New_York", "2027-03-14T00:00", ["2027-03-14T07:00", "2027-03-14T18:30"]],
    ["15,45 2 * * *", "America/New_York", "2027-03-14T00:00", ["2027-03-14T07:00", "2027-03-15T06:15"]],
    // 02:00 CET becomes 03:00 CEST on 28 March 2027, at 01:00 UTC.
    ["15 2 * * *", "Europe/Berlin", "2027-03-27T12:00", ["2027-03-28T01:00", "2027-03-29T00:15"]],
    ["0 3 * * SUN", "Europe/Berlin", "2027-03-27T12:00", ["2027-03-28T01:00", "2027-04-04T01:00"]],
    // 02:00 NZST becomes 03:00 NZDT on 26 September 2027, at 14:00 UTC the day before.
    ["30 2 * * *", "Pacific/Auckland", "2027-09-25T00:00", ["2027-09-25T14:00", "2027-09-26T13:30"]],
    // Half an hour only: 02:00 becomes 02:30 on 4 October 2026, at 15:30 UTC the day before.
    ["15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00", ["2026-10-03T15:30", "2026-10-04T15:15"]],
    // Midnight itself did not exist on 4 November 2018: the day began at 01:00, at 03:00 UTC.
    ["0 0 * * *", "America/Sao_Paulo", "2018-11-03T12:00", ["2018-11-04T03:00", "2018-11-05T02:00"]],
    // Nor does it on the last Friday of April in Egypt.
    ["0 0 * * *", "Africa/Cairo", "2027-04-29T12:00", ["2027-04-29T22:00", "2027-04-30T21:00"]],
    // A day's last hour: 23:00 becomes 00:00 of the next day in Nuuk on 29 March 2025, at 01:00 UTC.
    ["37 23 * * *", "America/Nuuk", "2025-03-29T12:00", ["2025-03-30T01:00", "2025-03-31T00:37"]],
    ["10,50 22,23 * * SAT", "America/Nuuk", "2025-03-30T00:20", ["2025-03-30T00:50", "2025-03-30T01:00"]],
    // A whole day: 29 December 2011 was followed by the 31st in Samoa, at 10:00 UTC.
    ["56 2 * * *", "Pacific/Apia", "2011-12-29T20:00", ["2011-12-30T10:00", "2011-12-30T12:56"]],
    ["0 12 30 12 *", "Pacific/Apia", "2011-01-01T00:00", ["2011-12-30T10:00", "2012-12-29T22:00"]],
  ])("%s in %s", (cron, zone, after, times) => {
    expect(following(cron, zone, after, times.length)).toEqual(times);
  });
});

describe("when clocks go back, a time that comes twice is due at the first:", () => {
  test.each([
    // 02:00 EDT becomes 01:00 EST on 7 November 2027, at 06:00 UTC.
    ["30 1 * * *", "America/New_York", "2027-11-06T12:00", ["2027-11-07T05:30", "2027-11-08T06:30"]],
    ["30 1,13 * * *", "America/New_York", "2027-11-07T00:00", ["2027-11-07T05:30", "2027-11-07T18:30"]],
    ["0 2 * * *", "America/New_York", "2027-11-06T12:00", ["2027-11-07T07:00", "2027-11-08T07:00"]],
    // 03:00 CEST becomes 02:00 CET on 31 October 2027, at 01:00 UTC.
    ["15 2 * * *", "Europe/Berlin", "2027-10-30T12:00", ["2027-10-31T00:15", "2027-11-01T01:15"]],
    // 03:00 NZDT becomes 02:00 NZST on 4 April 2027, at 14:00 UTC the day before.
    ["30 2 * * *", "Pacific/Auckland", "2027-04-03T00:00", ["2027-04-03T13:30", "2027-04-04T14:30"]],
    // 02:00 becomes 01:30 on 4 April 2027, at 15:00 UTC the day before.
    ["45 1 * * *", "Australia/Lord_Howe", "2027-04-03T00:00", ["2027-04-03T14:45", "2027-04-04T15:15"]],
    // 00:01 became 23:01 of the day before on 7 November 2010, at 02:31 UTC.
    ["0 0,23 * * *", "America/St_Johns", "2010-11-06T12:00", ["2010-11-07T01:30", "2010-11-07T02:30"]],
    ["30 23 * * *", "America/St_Johns", "2010-11-06T12:00", ["2010-11-07T02:00", "2010-11-08T03:00"]],
  ])("%s in %s", (cron, zone, after, times) => {
    expect(following(cron, zone, after, times.length)).toEqual(times);
  });

  test("asked between the two, it is the next day's", () => {
    expect(following("30 1 * * *", "America/New_York", "2027-11-07T06:10", 1)).toEqual(["2027-11-08T06:30"]);
  });
});

describe("what repeats keeps its rhythm through both changes:", () => {
  test.each([
    ["0 * * * *", "Europe/Berlin", "2027-03-28T00:30", ["2027-03-28T01:00", "2027-03-28T02:00"]],
    ["0 */2 * * *", "Europe/Berlin", "2027-03-27T22:30", ["2027-03-27T23:00", "2027-03-28T02:00", "2027-03-28T04:00"]],
    [
      "*/30 * * * *",
      "America/New_York",
      "2027-11-07T05:00",
      ["2027-11-07T05:30", "2027-11-07T06:00", "2027-11-07T06:30", "2027-11-07T07:00"],
    ],
    ["*/5 1 * * *", "America/New_York", "2027-11-07T05:52", ["2027-11-07T05:55", "2027-11-07T06:00"]],
  ])("%s in %s", (cron, zone, after, times) => {
    expect(following(cron, zone, after, times.length)).toEqual(times);
  });
});

describe("elsewhere:", () => {
  test.each([
    ["0 6 * * *", "UTC", "2026-11-23T06:00", ["2026-11-24T06:00"]],
    ["30 9 * * *", "Asia/Kolkata", "2026-11-23T00:00", ["2026-11-23T04:00"]],
    ["0 6 * * *", "Asia/Kathmandu", "2026-11-23T00:00", ["2026-11-23T00:15"]],
    ["0 0 29 2 *", "UTC", "2026-11-23T00:00", ["2028-02-29T00:00", "2032-02-29T00:00"]],
    // Day of month or day of week, where both are limited.
    ["0 0 13 * FRI", "UTC", "2026-11-01T00:00", ["2026-11-06T00:00", "2026-11-13T00:00", "2026-11-20T00:00"]],
    ["0 12 * * 7", "UTC", "2026-11-23T00:00", ["2026-11-29T12:00"]],
  ])("%s in %s", (cron, zone, after, times) => {
    expect(following(cron, zone, after, times.length)).toEqual(times);
  });

  test("what can't be read, as an earlier version may have stored, never comes", () => {
    expect(nextTime("61 * * * *", "UTC", 0)).toBeNull();
    expect(nextTime("* * * * *", "Mars/Base", 0)).toBeNull();
  });

  test("a time zone is a name of the IANA database", () => {
    for (const zone of ["UTC", "Europe/Berlin", "america/new_york", "Etc/GMT+5"]) expect(isTimeZone(zone)).toBe(true);
    for (const zone of ["", "+02:00", "-0530", "Europe", "Mars/Base", "UTC+2"]) expect(isTimeZone(zone)).toBe(false);
  });

  test("a clock shows the zone's own time, midnight as 0", () => {
    expect(clockAt(Date.UTC(2026, 10, 23, 23, 5), "UTC")).toEqual({ hour: 23, minute: 5 });
    expect(clockAt(Date.UTC(2026, 10, 23, 23, 5), "Europe/Berlin")).toEqual({ hour: 0, minute: 5 });
  });
});
