import type { Json } from "#core/json";
import type { StreamSlice } from "#sources/manifest/stream-slice";

/** A slice's value for a request option; null where Python takes the value for nothing, which is not sent. */
export function optionValue({ partition, cursorSlice }: StreamSlice, field: string): Json {
  const value = [cursorSlice, partition].find((part) => Object.hasOwn(part, field))?.[field] ?? null;
  const isEmpty =
    typeof value === "object" && value !== null && !JSON.isRawJSON(value) && Object.keys(value).length === 0;
  return isEmpty || value === false || value === 0 || value === "" ? null : value;
}
