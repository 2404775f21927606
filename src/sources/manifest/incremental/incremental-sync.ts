import type { JsonObject } from "#core/json";
import { createFamily } from "#sources/manifest/family";
import type { RequestOptions } from "#sources/manifest/request-options";
import type { StreamSlice } from "#sources/manifest/stream-slice";

/** A cursor's value in the stream's own format, as state keeps it: "2026-03-01T00:00:00Z", "1772366400". */
export type CursorValue = string;

/** A stretch of the cursor that is read at a time. */
export interface Window {
  /** What templates see as `stream_interval`: `{ "start_time": …, "end_time": … }`, or the names that the manifest chose. */
  readonly cursorSlice: JsonObject;
  /** The end in the cursor's format. */
  readonly end: CursorValue;
}

/** Reads only what changed: cuts the time since the last cursor into windows, and says where a read got to. */
export interface IncrementalSync {
  readonly cursorField: string;
  /**
   * Does the beginning of a read without a cursor depend on the time it runs at? Then what such a read does not show
   * may be merely out of its window, and proves nothing.
   */
  readonly startMoves: boolean;
  /** The API filters nothing: records are compared with the cursor here. */
  readonly isClientSide: boolean;
  /** Records come newest first: pages after the first with a record older than the cursor are not read. */
  readonly isDataFeed: boolean;
  /** State is kept for all partitions together. */
  readonly isGlobal: boolean;
  /** Windows to read, oldest first, from `since` (null: from the configured start) to `now` (epoch milliseconds). */
  windows(since: CursorValue | null, now: number): readonly Window[];
  /** What a window's requests carry. */
  options(slice: StreamSlice): RequestOptions;
  /** The newest value among the records, in the cursor's format; null where none has a value that can be read. */
  newestOf(records: readonly Record<string, unknown>[]): CursorValue | null;
  /** Negative, zero or positive, as with Array.sort. */
  compare(a: CursorValue, b: CursorValue): number;
  /**
   * The value that lies so long before, for state that partitions share: they are not read at the same moment. Null
   * where values say nothing about time, so that such state can't be trusted.
   */
  earlier(value: CursorValue, ms: number): CursorValue | null;
  /** Epoch milliseconds; null where values say nothing about time. */
  timeOf(value: CursorValue): number | null;
  /** Is the record at or after `since`, or without a cursor value? Boundaries are inclusive. */
  isNew(record: Record<string, unknown>, since: CursorValue | null): boolean;
}

export const incrementalSync = createFamily<IncrementalSync>("an incremental sync");
