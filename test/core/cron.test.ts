import { Cron as Croner } from "croner";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { parseCron } from "#core/cron";

function cronOf(text: string) {
  const parsed = parseCron(text);
  if ("problem" in parsed) throw new Error(parsed.problem);
  return parsed.cron;
}

describe("is read with", () => {
  test.each([
    ["names in any case", "0 0 * jan-Mar MON,fri", "0 0 * 1-3 1,5"],
    ["a step after a value, which means from there on", "5/20 * * * *", "5-59/20 * * * *"],
    ["leading zeros and any white space", " 05  06\t* * * ", "5 6 * * *"],
    ["Sunday as 0 and as 7", "0 0 * * 0,7,5-7", "0 0 * * 0,7,5-7"],
    ["a macro", "@Daily", "0 0 * * *"],
    ["a step over everything", "*/15 * * * *", "*/15 * * * *"],
    ["steps of one, which leave nothing out", "*/1 */1 1-31/1 */1 */1", "* * 1-31 * *"],
  ])("%s", (_, text, fields) => {
    expect(cronOf(text).fields.join(" ")).toBe(fields);
  });

  test("the minutes and hours that it means", () => {
    expect(cronOf("10-30/10,5 */12 * * *")).toMatchObject({ minutes: [5, 10, 20, 30], hours: [0, 12] });
    expect(cronOf("50/5 22-23 * * *")).toMatchObject({ minutes: [50, 55], hours: [22, 23] });
  });
});

describe("is refused, naming the field:", () => {
  test.each([
    ["", "five fields are expected"],
    ["0 6 * *", "not 4"],
    ["0 0 6 * * *", "not 6"],
    ["60 * * * *", 'minute: "60"'],
    ["-5 * * * *", 'minute: ""'],
    ["* 24 * * *", 'hour: "24"'],
    ["* * 0 * *", 'day of month: "0"'],
    ["* * 32 * *", 'day of month: "32"'],
    ["* * L * *", 'day of month: "L"'],
    ["* * * 13 *", 'month: "13"'],
    ["* * * JANUARY *", 'month: "JANUARY"'],
    ["* * * * 8", 'day of week: "8"'],
    ["* * * * MON#2", 'day of week: "MON#2"'],
    ["*/0 * * * *", 'minute: the step "0"'],
    ["*/61 * * * *", 'minute: the step "61"'],
    ["* * * * */8", 'day of week: the step "8"'],
    ["1/2/3 * * * *", "minute:"],
    ["1-2-3 * * * *", "minute:"],
    ["1, * * * *", 'minute: ""'],
    ["1.5 * * * *", 'minute: "1.5"'],
    ["*-5 * * * *", 'minute: "*"'],
    ["0 22-2 * * *", 'hour: the range "22-2" ends before it begins'],
    ["* * * * FRI-MON", "day of week: the range"],
    ["0 0 30 2 *", "day of month: no month"],
    ["0 0 31 4,6,9,11 *", "day of month: no month"],
    ["@reboot", "no macro"],
    ["@constructor", "no macro"],
  ])("%j", (text, problem) => {
    expect(parseCron(text)).toEqual({ problem: expect.stringContaining(`Invalid CRON expression: `) });
    expect(parseCron(text)).toEqual({ problem: expect.stringContaining(problem) });
  });

  test("a day that some month has, or that a weekday saves, is none of these", () => {
    for (const text of ["0 0 29 2 *", "0 0 31 * *", "0 0 30 2 MON"]) expect(cronOf(text)).toBeDefined();
  });
});

function field(min: number, max: number) {
  const value = fc.integer({ min, max });
  const step = fc.integer({ min: 1, max: max - min });
  const span = fc.tuple(value, value).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`);
  const item = fc.oneof(
    fc.constant("*"),
    value.map(String),
    span,
    fc.tuple(fc.oneof(fc.constant("*"), value.map(String), span), step).map(([what, by]) => `${what}/${by}`),
  );
  return fc.array(item, { minLength: 1, maxLength: 3 }).map((items) => items.join(","));
}

const anyCron = fc.tuple(field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 7));

test("whatever is accepted means to the library the minutes and hours that it means here", () => {
  fc.assert(
    fc.property(anyCron, (fields) => {
      const parsed = parseCron(fields.join(" "));
      if ("problem" in parsed) return;
      const next = new Croner(parsed.cron.fields.join(" "), { timezone: "UTC", mode: "5-part" });
      for (const at of next.nextRuns(5, new Date(Date.UTC(2027, 0, 1)))) {
        expect(parsed.cron.minutes).toContain(at.getUTCMinutes());
        expect(parsed.cron.hours).toContain(at.getUTCHours());
      }
    }),
  );
});

test("any text is either read or refused", () => {
  const looksLikeIt = fc.string({ unit: fc.constantFrom("*", "/", ",", "-", "0", "19", " ", "@", "L", "MON", "jan") });
  fc.assert(
    fc.property(fc.oneof(fc.string(), looksLikeIt), (text) => {
      expect(Object.keys(parseCron(text))).toHaveLength(1);
    }),
  );
});
