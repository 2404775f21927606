import { Dict, isPlain, PySet } from "./dict.ts";
import { PyFloat, Tuple, Undefined, type Value } from "./value.ts";
import { TimeDelta } from "./time-delta.ts";

/** As Python's `bool(value)`. */
export function isTrue(value: Value): boolean {
  if (typeof value !== "object") return Boolean(value) || Number.isNaN(value);
  if (value === null || value instanceof Undefined) return false;
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof PyFloat) return value.value !== 0;
  if (value instanceof Tuple || value instanceof PySet) return value.items.length > 0;
  if (value instanceof Dict) return value.size > 0;
  if (value instanceof TimeDelta) return value.micros !== 0n;
  return !isPlain(value) || Object.keys(value).length > 0;
}
