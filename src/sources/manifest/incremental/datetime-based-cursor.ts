import { defineComponent } from "#sources/manifest/component";
import { compareInstants, instantAt, isBefore, type Instant } from "#sources/manifest/python/instant";
import { combineOptions } from "#sources/manifest/request-options";
import { CursorFormat } from "./cursor-format.ts";
import { datetimeCursorFields } from "./datetime-cursor-fields.ts";
import { DatetimeWindows } from "./datetime-windows.ts";
import type { CursorValue, IncrementalSync } from "./incremental-sync.ts";

/** Reads what changed in a stretch of time, in windows of it. */
export const datetimeBasedCursor = defineComponent({
  type: "DatetimeBasedCursor",
  fields: datetimeCursorFields,
  build(fields, scope): IncrementalSync {
    const cursorField = fields.cursor_field(scope).text();
    const format = new CursorFormat(fields.datetime_format, fields.cursor_datetime_formats ?? []);
    // An empty name counts as none.
    const startName = fields.partition_field_start?.(scope).text() || "start_time";
    const endName = fields.partition_field_end?.(scope).text() || "end_time";
    const startOption = fields.start_time_option?.(scope);
    const endOption = fields.end_time_option?.(scope);
    const windows = new DatetimeWindows(fields, format, scope, [startName, endName]);
    const isClientSide = fields.is_client_side_incremental === true;
    const isDataFeed = fields.is_data_feed === true;
    // Only an end that stands still is one that records are held against: the API's clock may be ahead of this one.
    const endsSometime = fields.end_datetime?.(scope).readsClock === false;
    const instantIn = (record: Record<string, unknown>): Instant | null =>
      Object.hasOwn(record, cursorField) ? format.ofRecord(record[cursorField]) : null;
    let range: { readonly since: CursorValue | null; readonly from: Instant; readonly to: Instant | null } | null =
      null;
    const rangeFrom = (since: CursorValue | null) => {
      if (range?.since === since) return range;
      const now = scope.now();
      const to = endsSometime ? windows.boundsAt(now).end : null;
      range = { since, from: windows.beginning(since, now), to };
      return range;
    };

    return {
      cursorField,
      startMoves: fields.start_datetime(scope).readsClock,
      isClientSide,
      isDataFeed,
      isGlobal: fields.global_substream_cursor === true,
      windows: (since, now) => windows.between(since, now),
      options: ({ cursorSlice }) => {
        const parts = [
          startOption?.inject(cursorSlice[startName] ?? null),
          endOption?.inject(cursorSlice[endName] ?? null),
        ];
        return combineOptions(parts.filter((part) => part !== undefined));
      },
      newestOf(records) {
        let newest: Instant | null = null;
        for (const record of records) {
          const instant = instantIn(record);
          if (instant !== null && (newest === null || isBefore(newest, instant))) newest = instant;
        }
        return newest && format.forState(newest);
      },
      compare: (a, b) => (a === b ? 0 : compareInstants(windows.instantOf(a), windows.instantOf(b))),
      earlier(value, ms) {
        const { epochMicros, offsetMinutes } = windows.instantOf(value);
        return format.forState(instantAt(epochMicros - BigInt(Math.ceil(ms)) * 1000n, offsetMinutes));
      },
      timeOf: (value) => Number(windows.instantOf(value).epochMicros / 1000n),
      isNew(record, since) {
        const instant = instantIn(record);
        if (instant === null) return true;
        const { from, to } = rangeFrom(since);
        return !isBefore(instant, from) && (to === null || !isBefore(to, instant));
      },
    };
  },
});
