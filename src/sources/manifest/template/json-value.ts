import { Dict, entriesOf, isMapping, PySet } from "#sources/manifest/python/dict";
import { keyText } from "#sources/manifest/python/json-dumps";
import { allowDepth } from "#sources/manifest/python/limits";
import { str } from "#sources/manifest/python/text";
import { admit, PyFloat, PyObject, Tuple, type Value } from "#sources/manifest/python/value";

/** Does JSON carry the value as it is? What holds something else somewhere does not. */
export function isPureJson(value: unknown, depth = 0): boolean {
  allowDepth(depth);
  if (typeof value === "bigint" || value instanceof PyObject) return false;
  if (typeof value !== "object" || value === null) return typeof value !== "number" || Number.isFinite(value);
  if (Array.isArray(value)) return value.every((item) => isPureJson(item, depth + 1));
  if (JSON.isRawJSON(value)) return true;
  for (const item of Object.values(value)) if (!isPureJson(item, depth + 1)) return false;
  return true;
}

/**
 * A value as JSON has it: tuples and sets are lists, the keys of dicts are texts as `json.dumps` writes them. A number
 * that a double can't hold is a raw JSON value.
 */
export function toJson(value: Value): unknown {
  if (typeof value === "bigint") return JSON.rawJSON(String(value));
  if (value instanceof PyFloat) return value.text === undefined ? value.value : JSON.rawJSON(value.text);
  if (isPureJson(value)) return value;
  if (Array.isArray(value)) return value.map((item) => toJson(admit(item)));
  if (value instanceof Tuple || value instanceof PySet) return value.items.map(toJson);
  if (value instanceof Dict || (typeof value === "object" && value !== null && isMapping(value))) {
    return Object.fromEntries(entriesOf(value).map(([key, item]) => [keyText(key), toJson(item)]));
  }
  return str(value);
}
