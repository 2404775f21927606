import { entriesOf, isMapping, PySet } from "#sources/manifest/python/dict";
import { keyText } from "#sources/manifest/python/json-dumps";
import { Visit } from "#sources/manifest/python/visit";
import { str } from "#sources/manifest/python/text";
import { admit, PyFloat, PyObject, Tuple, type Value } from "#sources/manifest/python/value";

/** Does JSON carry the value as it is? What holds something else somewhere does not. */
export function isPureJson(value: unknown, visit = new Visit()): boolean {
  if (typeof value === "bigint" || value instanceof PyObject) return false;
  if (typeof value !== "object" || value === null) return typeof value !== "number" || Number.isFinite(value);
  if (!Array.isArray(value) && JSON.isRawJSON(value)) return true;
  return visit.within(() => Object.values(value).every((item) => isPureJson(item, visit)));
}

/**
 * A value as JSON has it: tuples and sets are lists, the keys of dicts are texts as `json.dumps` writes them. A number
 * that a double can't hold is a raw JSON value.
 */
export function toJson(value: Value): unknown {
  return isPureJson(value) ? value : converted(value, new Visit());
}

function converted(value: Value, visit: Visit): unknown {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "bigint") return JSON.rawJSON(String(value));
  if (value instanceof PyFloat) return value.text === undefined ? value.value : JSON.rawJSON(value.text);
  if (typeof value === "number" && Number.isFinite(value)) return value;
  const list = (items: readonly unknown[]) => visit.within(() => items.map((item) => converted(admit(item), visit)));
  if (Array.isArray(value)) return list(value);
  if (value instanceof Tuple || value instanceof PySet) return list(value.items);
  if (!isMapping(value)) return str(value);
  return visit.within(() =>
    Object.fromEntries(entriesOf(value).map(([key, item]) => [keyText(key), converted(item, visit)])),
  );
}
