import { z } from "zod";

import type { Json } from "#core/json";
import { CursorLost } from "#sources/source";
import { defineComponent } from "#sources/manifest/component";
import { NO_OPTIONS } from "#sources/manifest/request-options";
import { requestOption } from "#sources/manifest/requester/request-option";
import { text } from "#sources/manifest/text";
import { cursorFailure } from "./cursor-failure.ts";
import type { CursorValue, IncrementalSync } from "./incremental-sync.ts";

/** The names that templates see the window under; its end is Python's infinity. */
const START = "start";
const END = "end";
const INFINITY = "inf";

/** Reads what has a number from the last one on: ids that count up, sequence numbers. */
export const incrementingCountCursor = defineComponent({
  type: "IncrementingCountCursor",
  fields: z.object({
    cursor_field: text,
    start_value: text.nullish(),
    start_value_option: requestOption.nullish(),
  }),
  build: (parts, scope): IncrementalSync => {
    const cursorField = parts.cursor_field(scope).text();
    const option = parts.start_value_option?.(scope) ?? null;
    const configured = (): CursorValue => {
      const value = parts.start_value?.(scope).text() ?? "0";
      if (/^\s*-?\d+\s*$/.test(value)) return String(BigInt(value.trim()));
      throw cursorFailure(scope.stream, "start_value", `"${value}" is not a whole number.`);
    };
    const compare = (a: CursorValue, b: CursorValue): number => compareCounts(a, b, scope.stream);
    const beginning = (since: CursorValue | null): CursorValue => {
      const start = configured();
      return since !== null && compare(since, start) > 0 ? since : start;
    };
    const countIn = (record: Record<string, unknown>): CursorValue | null =>
      Object.hasOwn(record, cursorField) ? countOf(record[cursorField]) : null;
    return {
      cursorField,
      startMoves: false,
      isClientSide: false,
      isDataFeed: false,
      isGlobal: false,
      windows: (since) => [{ cursorSlice: { [START]: numberOr(beginning(since)), [END]: INFINITY }, end: INFINITY }],
      options: ({ cursorSlice }) => option?.inject(cursorSlice[START] ?? null) ?? NO_OPTIONS,
      newestOf(records) {
        let newest: CursorValue | null = null;
        for (const record of records) {
          const value = countIn(record);
          if (value !== null && (newest === null || compare(value, newest) > 0)) newest = value;
        }
        return newest;
      },
      compare,
      earlier: () => null,
      timeOf: () => null,
      isNew(record, since) {
        const value = countIn(record);
        return value === null || compare(value, beginning(since)) >= 0;
      },
    };
  },
});

/** Null for what is no number. */
function countOf(value: unknown): CursorValue | null {
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : null;
  const digits = JSON.isRawJSON(value) ? value.rawJSON : value;
  return typeof digits === "string" && /^-?\d+(?:\.\d+)?$/.test(digits) ? digits : null;
}

/** Whole numbers are compared exactly, however long they are. */
function compareCounts(a: CursorValue, b: CursorValue, stream: string): number {
  const left = comparable(a, stream);
  const right = comparable(b, stream);
  return left < right ? -1 : Number(left > right);
}

function comparable(value: CursorValue, stream: string): bigint | number {
  if (value === INFINITY) return Number.POSITIVE_INFINITY;
  if (/^-?\d+$/.test(value)) return BigInt(value);
  const number = Number(value);
  if (value !== "" && !Number.isNaN(number)) return number;
  throw new CursorLost(`The stored cursor of ${stream}, "${value}", is not a number.`);
}

/** As a number where a double holds it. */
function numberOr(value: CursorValue): Json {
  return String(Number(value)) === value ? Number(value) : value;
}
