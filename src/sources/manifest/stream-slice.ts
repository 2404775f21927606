import type { JsonObject } from "#core/json";

/** The part of a stream that is read at a time: one partition, one window of its cursor. */
export interface StreamSlice {
  /** What names the partition: `{ "project_id": 7 }`. Empty for a stream that is not partitioned. */
  readonly partition: JsonObject;
  /** The window of the cursor: `{ "start_time": …, "end_time": … }`. Empty for a stream without. */
  readonly cursorSlice: JsonObject;
  /** What the partition knows beyond its name, such as fields of the parent record. */
  readonly extraFields: JsonObject;
}

export const WHOLE_STREAM: StreamSlice = { partition: {}, cursorSlice: {}, extraFields: {} };

/**
 * A slice as templates see it: the partition's and the window's names in one object, and the three parts as
 * attributes of their own, which loops over the object do not show.
 */
export function viewOf({ partition, cursorSlice, extraFields }: StreamSlice): Record<string, unknown> {
  const view: Record<string, unknown> = { ...partition, ...cursorSlice };
  const parts = { partition, cursor_slice: cursorSlice, extra_fields: extraFields };
  for (const [name, value] of Object.entries(parts)) {
    if (!Object.hasOwn(view, name)) Object.defineProperty(view, name, { value, enumerable: false });
  }
  return view;
}
