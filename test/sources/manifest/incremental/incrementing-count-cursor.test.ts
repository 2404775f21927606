import { describe, expect, it } from "vitest";

import { CursorLost, SourceFailure } from "#sources/source";
import { incrementingCountCursor } from "#sources/manifest/incremental/incrementing-count-cursor";
import { manifestScope } from "#test/support/manifest-scope";

function cursorOf(fields: Record<string, unknown>) {
  return incrementingCountCursor.schema.parse({ cursor_field: "n", ...fields })(manifestScope({ first: "7" }));
}

describe("incrementingCountCursor", () => {
  it.for<[Record<string, unknown>, string | null, unknown]>([
    [{}, null, 0],
    [{ start_value: 3 }, null, 3],
    [{ start_value: "{{ config['first'] }}" }, null, 7],
    [{ start_value: 3 }, "9", 9],
    [{ start_value: 30 }, "9", 30],
    [{}, "12345678901234567890", "12345678901234567890"],
  ])("%j after %s reads one window from %s on", ([fields, since, start]) => {
    expect(cursorOf(fields).windows(since, 0)).toEqual([{ cursorSlice: { start, end: "inf" }, end: "inf" }]);
  });

  it("takes whole numbers however they are written, and nothing else", () => {
    const values = [5, "6", JSON.rawJSON("12345678901234567890"), 7.5, "x", null, true, Number.NaN];
    const expected = ["5", "6", "12345678901234567890", "7.5", null, null, null, null];
    expect(values.map((n) => cursorOf({}).newestOf([{ n }]))).toEqual(expected);
  });

  it("takes the highest of several, wherever it stands", () => {
    expect(cursorOf({}).newestOf(["9", "x", 10, 2].map((n) => ({ n })))).toBe("10");
    expect(cursorOf({}).newestOf([])).toBeNull();
  });

  it("compares numbers, not texts, and exactly", () => {
    const cursor = cursorOf({});
    expect(cursor.compare("9", "10")).toBeLessThan(0);
    expect(cursor.compare("12345678901234567891", "12345678901234567890")).toBeGreaterThan(0);
    expect(cursor.compare("10", "10")).toBe(0);
    expect(cursor.compare("10", "inf")).toBeLessThan(0);
    expect(() => cursor.compare("2026-03-01", "10")).toThrow(CursorLost);
  });

  it("takes a record at the boundary for one to be read again, and one that says nothing", () => {
    const cursor = cursorOf({ start_value: 3 });
    expect([6, 7, "7", 8, "x"].map((n) => cursor.isNew({ n }, "7"))).toEqual([false, true, true, true, true]);
  });

  it("sends where it begins", () => {
    const option = { type: "RequestOption", inject_into: "request_parameter", field_name: "since" };
    const cursor = cursorOf({ start_value_option: option });
    const [window] = cursor.windows("5", 0);
    const slice = { partition: {}, cursorSlice: window?.cursorSlice ?? {}, extraFields: {} };
    expect(cursor.options(slice).params).toEqual({ since: 5 });
  });

  it("needs a number to begin with", () => {
    expect(() => cursorOf({ start_value: "soon" }).windows(null, 0)).toThrow(SourceFailure);
  });

  it("says nothing about time, so that no partition can trust another's count", () => {
    expect(cursorOf({}).earlier("5", 0)).toBeNull();
  });
});
