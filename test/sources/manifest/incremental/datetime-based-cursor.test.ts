import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";

import { CursorLost, SourceFailure } from "#sources/source";
import { datetimeBasedCursor } from "#sources/manifest/incremental/datetime-based-cursor";
import { manifestScope } from "#test/support/manifest-scope";

const NOW = Date.parse("2026-03-01T12:00:00Z");
const SECONDS = "%Y-%m-%dT%H:%M:%SZ";

function cursorOf(fields: Record<string, unknown>, config: Record<string, string> = {}, now = () => NOW) {
  const whole = {
    cursor_field: "updated",
    datetime_format: SECONDS,
    start_datetime: "2026-02-20T00:00:00Z",
    ...fields,
  };
  return datetimeBasedCursor.schema.parse(whole)(manifestScope(config, { now }));
}

function issuesOf(fields: Record<string, unknown>): string[] {
  const whole = {
    cursor_field: "updated",
    datetime_format: SECONDS,
    start_datetime: "2026-02-20T00:00:00Z",
    ...fields,
  };
  const { error } = datetimeBasedCursor.schema.safeParse(whole);
  return (error?.issues ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`);
}

function failureOf(run: () => unknown) {
  try {
    run();
  } catch (error) {
    if (error instanceof SourceFailure) return error.failure;
    throw error;
  }
  throw new Error("Nothing failed.");
}

const iso = (at: number) => new Date(at * 1000).toISOString().replace(".000Z", "Z");
const updatedAt = (updated: unknown) => ({ updated });
const seconds = (instant: string) => Date.parse(instant) / 1000;

describe("windows", () => {
  const instants = fc.integer({ min: seconds("2025-09-01T00:00:00Z"), max: seconds("2026-03-01T11:59:59Z") });

  it("cover the time from the state to now, without a gap beyond the granularity, and go no further", () => {
    fc.assert(
      fc.property(instants, fc.option(instants), fc.integer({ min: 30, max: 900 }), (start, since, hours) => {
        const cursor = cursorOf({
          start_datetime: iso(start),
          step: `PT${hours}H`,
          cursor_granularity: "PT1S",
        });
        const ends = cursor
          .windows(since === null ? null : iso(since), NOW)
          .flatMap(({ cursorSlice }) => Object.values(cursorSlice).map((value) => seconds(z.string().parse(value))));
        expect(ends[0]).toBe(Math.max(start, since ?? start));
        expect(ends.at(-1)).toBe(NOW / 1000);
        // Within a window time goes on; from one to the next it does by the granularity.
        const lengths = ends.slice(1).map((end, at) => end - (ends[at] ?? 0));
        expect(lengths.every((length, at) => (at % 2 === 0 ? length >= 0 : length === 1))).toBe(true);
      }),
    );
  });

  it("stay as they were however long the read takes, also where templates ask for the time", () => {
    let clock = NOW;
    const cursor = cursorOf(
      {
        start_datetime: "{{ day_delta(-2, format='%Y-%m-%dT%H:%M:%SZ') }}",
        end_datetime: "{{ now_utc().strftime('%Y-%m-%dT%H:%M:%SZ') }}",
      },
      {},
      () => clock,
    );
    const before = cursor.windows(null, NOW);
    clock += 3 * 86_400_000;
    expect(cursor.windows(null, NOW)).toEqual(before);
    expect(before).toEqual([
      {
        cursorSlice: { start_time: "2026-02-27T12:00:00Z", end_time: "2026-03-01T12:00:00Z" },
        end: "2026-03-01T12:00:00Z",
      },
    ]);
    expect(cursor.startMoves).toBe(true);
    expect(cursorOf({}).startMoves).toBe(false);
  });

  it("begin the lookback before the state, never before the start", () => {
    const cursor = cursorOf({ lookback_window: "{{ config['lookback'] }}" }, { lookback: "P2D" });
    const startFrom = (since: string) => cursor.windows(since, NOW)[0]?.cursorSlice["start_time"];
    expect(startFrom("2026-02-25T00:00:00Z")).toBe("2026-02-23T00:00:00Z");
    expect(startFrom("2026-02-21T00:00:00Z")).toBe("2026-02-20T00:00:00Z");
  });

  it("have the names that the manifest gives their ends", () => {
    const cursor = cursorOf({ partition_field_start: "from", partition_field_end: "{{ config.to }}" }, { to: "until" });
    expect(Object.keys(cursor.windows(null, NOW)[0]?.cursorSlice ?? {})).toEqual(["from", "until"]);
  });

  it("are not made without a limit", () => {
    const cursor = cursorOf({ step: "PT1S", cursor_granularity: "PT1S" });
    expect(failureOf(() => cursor.windows(null, NOW))).toMatchObject({ kind: "bad_request", final: true });
    expect(failureOf(() => cursor.windows(null, NOW)).message).toContain("step");
  });

  it("need a config that can be read", () => {
    const cursor = cursorOf({ start_datetime: "{{ config['start'] }}" }, { start: "soon" });
    const { message } = failureOf(() => cursor.windows(null, NOW));
    expect(message).toMatch(/cursor of things .*start_datetime.*'soon'.*Correct it/);
    const backwards = cursorOf({ step: "{{ config['step'] }}", cursor_granularity: "PT1S" }, { step: "-P1D" });
    expect(failureOf(() => backwards.windows(null, NOW)).message).toContain("step: '-P1D' goes backwards");
  });

  it("are lost with a cursor that another format wrote: everything is read again", () => {
    expect(() => cursorOf({}).windows("1772366400", NOW)).toThrow(CursorLost);
  });
});

describe("a manifest's mistakes", () => {
  it.for<[Record<string, unknown>, string]>([
    [{ step: "P1D" }, "cursor_granularity: Required together with step"],
    [{ cursor_granularity: "P1D" }, "step: Required together with cursor_granularity"],
    [{ step: "-P1D", cursor_granularity: "P1D" }, "step: '-P1D' goes backwards"],
    [{ step: "1 day", cursor_granularity: "P1D" }, "step: '1 day' is not an ISO 8601 duration"],
    [{ step: "P1D", cursor_granularity: "seconds" }, "cursor_granularity: 'seconds' is not"],
    [{ lookback_window: "P0.5M" }, "lookback_window: 'P0.5M' has a fraction"],
    [{ datetime_format: undefined }, "datetime_format: "],
    [{ clamping: { target: "WEEK", target_details: { weekday: "FUNDAY" } } }, "clamping.target_details.weekday"],
  ])("%j: %s", ([fields, expected]) => {
    expect(issuesOf(fields).join("\n")).toContain(expected);
  });

  it("a clamping without a period is told when the windows are made", () => {
    const cursor = cursorOf({ clamping: { target: "WEEK" } });
    expect(failureOf(() => cursor.windows(null, NOW)).message).toContain("weekday");
  });
});

describe("a record's value", () => {
  const cursor = cursorOf({ cursor_datetime_formats: ["%Y-%m-%dT%H:%M:%S.%f%z", "%s", "%Y-%m-%d"] });

  it.for<[unknown, string | null]>([
    ["2026-02-22T01:02:03.999+05:30", "2026-02-21T19:32:03Z"],
    ["2026-02-22T01:02:03.000-02:00", "2026-02-22T03:02:03Z"],
    [1771700000, "2026-02-21T18:53:20Z"],
    ["2026-02-23", "2026-02-23T00:00:00Z"],
    ["2026-02-23T10:00:00Z", "2026-02-23T10:00:00Z"],
    ["yesterday", null],
    [null, null],
    [true, null],
    [{ at: 1 }, null],
  ])("%j is %s: in UTC, as state is read back, and never rounded up", ([value, expected]) => {
    expect(cursor.newestOf([{ updated: value }])).toBe(expected);
  });

  it("is looked for in the record itself", () => {
    expect(cursor.newestOf([{}])).toBeNull();
    expect(cursorOf({ cursor_field: "constructor" }).newestOf([{}])).toBeNull();
    expect(
      cursorOf({ cursor_field: "meta.updated" }).newestOf([{ meta: { updated: "2026-02-23T10:00:00Z" } }]),
    ).toBeNull();
  });

  it("of several the newest counts, wherever it stands and whatever offset it has", () => {
    const values = ["2026-02-22T01:00:00.0+05:30", "yesterday", "2026-02-21T23:00:00.0-02:00", "2026-02-22", null];
    expect(cursor.newestOf(values.map((updated) => ({ updated })))).toBe("2026-02-22T01:00:00Z");
    expect(cursor.newestOf([])).toBeNull();
  });

  it("keeps its offset where the format has one, and is compared as the point in time", () => {
    const zoned = cursorOf({ datetime_format: "%Y-%m-%dT%H:%M:%S%z", start_datetime: "2026-02-20T00:00:00+0000" });
    const value = zoned.newestOf([{ updated: "2026-02-22T01:02:03+0530" }]);
    expect(value).toBe("2026-02-22T01:02:03+0530");
    expect(zoned.compare("2026-02-22T01:02:03+0530", "2026-02-21T20:00:00+0000")).toBeLessThan(0);
  });
});

describe("a record is new", () => {
  it("from the state on, boundary included, the lookback taken off, and not from before the start", () => {
    const cursor = cursorOf({ lookback_window: "P1D" });
    expect(cursor.isNew(updatedAt("2026-02-24T00:00:00Z"), "2026-02-25T00:00:00Z")).toBe(true);
    expect(cursor.isNew(updatedAt("2026-02-23T23:59:59Z"), "2026-02-25T00:00:00Z")).toBe(false);
    expect(cursor.isNew(updatedAt("2026-02-20T00:00:00Z"), "2026-02-20T10:00:00Z")).toBe(true);
    expect(cursor.isNew(updatedAt("2026-02-19T23:59:59Z"), "2026-02-20T10:00:00Z")).toBe(false);
    expect(cursor.isNew(updatedAt("2026-02-19T23:59:59Z"), null)).toBe(false);
  });

  it("where its value can't be read", () => {
    expect(cursorOf({}).isNew(updatedAt("?"), "2026-02-25T00:00:00Z")).toBe(true);
    expect(cursorOf({}).isNew({}, null)).toBe(true);
  });

  it("after now too, since the API's clock can be ahead; not after an end that stands still", () => {
    const later = updatedAt("2026-03-01T12:00:05Z");
    expect(cursorOf({}).isNew(later, null)).toBe(true);
    expect(cursorOf({ end_datetime: "{{ now_utc().strftime('%Y-%m-%dT%H:%M:%SZ') }}" }).isNew(later, null)).toBe(true);
    expect(cursorOf({ end_datetime: "2026-02-28T00:00:00Z" }).isNew(later, null)).toBe(false);
  });
});

describe("requests", () => {
  const from = { type: "RequestOption", inject_into: "request_parameter", field_name: "from" };

  it("carry the window's ends where the manifest says", () => {
    const to = { type: "RequestOption", inject_into: "body_json", field_path: ["range", "to"] };
    const cursor = cursorOf({ start_time_option: from, end_time_option: to });
    const [window] = cursor.windows("2026-02-25T00:00:00Z", NOW);
    const options = cursor.options({ partition: {}, cursorSlice: window?.cursorSlice ?? {}, extraFields: {} });
    expect(options.params).toEqual({ from: "2026-02-25T00:00:00Z" });
    expect(options.bodyJson).toEqual({ range: { to: "2026-03-01T12:00:00Z" } });
  });
});

describe("an earlier value", () => {
  it("lies that long before, at least", () => {
    expect(cursorOf({}).earlier("2026-02-25T00:00:10Z", 9_500)).toBe("2026-02-25T00:00:00Z");
    expect(cursorOf({ datetime_format: "%Y-%m-%d" }).earlier("2026-02-25", 1000)).toBe("2026-02-24");
  });
});

describe("periods", () => {
  const clamping = { clamping: { target: "DAY" }, step: "P1D", cursor_granularity: "PT1S" };
  const windowsFrom = (since: string | null, fields: Record<string, unknown> = clamping) =>
    cursorOf({ start_datetime: "2026-02-26T05:00:00Z", ...fields })
      .windows(since, NOW)
      .map(({ cursorSlice }) => Object.values(cursorSlice));

  it("are whole from the configured start to the last that is over", () => {
    expect(windowsFrom(null)).toEqual([
      ["2026-02-27T00:00:00Z", "2026-02-27T23:59:59Z"],
      ["2026-02-28T00:00:00Z", "2026-02-28T23:59:59Z"],
    ]);
  });

  it("begin with the one that the state lies in: its end may not have been read", () => {
    expect(windowsFrom("2026-02-28T10:00:00Z")).toEqual([["2026-02-28T00:00:00Z", "2026-02-28T23:59:59Z"]]);
    const monthly = { clamping: { target: "MONTH" }, step: "P1M", cursor_granularity: "P1D" };
    const fields = { ...monthly, start_datetime: "2025-11-15T12:00:00Z" };
    expect(windowsFrom("2026-01-31T00:00:00Z", fields)).toEqual([
      ["2026-01-01T00:00:00Z", "2026-01-31T00:00:00Z"],
      ["2026-02-01T00:00:00Z", "2026-02-28T00:00:00Z"],
    ]);
  });
});
