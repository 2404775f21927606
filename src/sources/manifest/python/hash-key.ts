import { typeError } from "./python-error.ts";
import { allowTextLength } from "./limits.ts";
import { asDouble, asInteger } from "./number.ts";
import { Visit } from "./visit.ts";
import { PyObject, Tuple, typeName, type Value } from "./value.ts";

/** A value that compares by what it holds and may be the key of a dict. */
export abstract class Hashable extends PyObject {
  abstract readonly hashKey: string;
}

/** A text that is the same for values that are equal in Python: 1, 1.0 and True. Throws a TypeError at lists and dicts. */
export function hashKey(value: Value, visit = new Visit()): string {
  if (typeof value === "string") return `s${value}`;
  if (value === null) return "None";
  const whole = asInteger(value);
  if (whole !== undefined) return `n${whole}`;
  const double = asDouble(value);
  if (double !== undefined) return `n${Number.isInteger(double) ? BigInt(double) : double}`;
  if (value instanceof Tuple) return visit.within(() => tupleKey(value, visit));
  if (value instanceof Hashable) return value.hashKey;
  throw typeError(`unhashable type: '${typeName(value)}'`);
}

/** Each key behind its length, so that no two tuples have the same. */
function tupleKey({ items }: Tuple, visit: Visit): string {
  let text = "t";
  for (const item of items) {
    const key = hashKey(item, visit);
    text += `${key.length}:${key}`;
    allowTextLength(text.length);
  }
  return text;
}
