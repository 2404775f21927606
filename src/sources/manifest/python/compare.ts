import { CalendarDate, DateTime } from "./date-value.ts";
import { entriesOf, isMapping, lookUp, PySet, sizeOf } from "./dict.ts";
import { hashKey } from "./hash-key.ts";
import { asDouble, asInteger } from "./number.ts";
import { PythonError, typeError } from "./python-error.ts";
import { CalendarDuration, TimeDelta } from "./time-delta.ts";
import { admit, Tuple, typeName, Undefined, type Value } from "./value.ts";
import { Visit } from "./visit.ts";

/** As Python's `==`: 1, 1.0 and True are equal, a list and a tuple are not. */
export function areEqual(left: Value, right: Value, visit = new Visit()): boolean {
  if (typeof left === "string" || typeof right === "string") return left === right;
  if (left === null || right === null) return left === right;
  const x = asNumber(left);
  if (x !== undefined) {
    const y = asNumber(right);
    return y !== undefined && sameNumber(x, y);
  }
  if (Array.isArray(left)) return Array.isArray(right) && areEqualLists(left, right, visit);
  if (left instanceof Tuple) return right instanceof Tuple && areEqualLists(left.items, right.items, visit);
  if (left instanceof PySet) return right instanceof PySet && areEqualSets(left, right);
  if (left instanceof Undefined) return right instanceof Undefined;
  if (isMapping(left)) return isMapping(right) && areEqualMappings(left, right, visit);
  if (isDate(left)) return isDate(right) && hashKey(left) === hashKey(right);
  return left === right;
}

function isDate(value: Value): boolean {
  return (
    value instanceof DateTime ||
    value instanceof CalendarDate ||
    value instanceof TimeDelta ||
    value instanceof CalendarDuration
  );
}

/** Integers stay exact: JavaScript compares a bigint with a double by value. */
function asNumber(value: Value): number | bigint | undefined {
  return asInteger(value) ?? asDouble(value);
}

function sameNumber(x: number | bigint, y: number | bigint): boolean {
  return !(x < y) && !(x > y) && x <= y;
}

function areEqualLists(left: readonly unknown[], right: readonly unknown[], visit: Visit): boolean {
  return (
    left.length === right.length &&
    // The same list is equal to itself, as Python takes it to be without a look inside.
    (left === right ||
      visit.within(() => left.every((item, index) => areEqual(admit(item), admit(right[index]), visit))))
  );
}

function areEqualSets(left: PySet, right: PySet): boolean {
  return left.items.length === right.items.length && left.items.every((item) => right.has(item));
}

function areEqualMappings(left: object, right: object, visit: Visit): boolean {
  if (!isMapping(left) || !isMapping(right) || sizeOf(left) !== sizeOf(right)) return false;
  return visit.within(() =>
    entriesOf(left).every(([key, value]) => {
      const other = lookUp(right, key);
      return other !== undefined && areEqual(value, other, visit);
    }),
  );
}

export type Ordering = "<" | "<=" | ">" | ">=";

/** Python's `<` and its kin. Throws a TypeError for values without an order, an UndefinedError for what is not there. */
export function isOrdered(operator: Ordering, left: Value, right: Value): boolean {
  const order = compareValues(left, right, operator);
  // NaN: what is not a number is neither less nor greater.
  if (Number.isNaN(order)) return false;
  switch (operator) {
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
  }
}

/** Negative, zero or positive; NaN where a float is not a number. Throws as `isOrdered` does. */
export function compareValues(left: Value, right: Value, operator: Ordering = "<", visit = new Visit()): number {
  const x = asNumber(left);
  const y = asNumber(right);
  if (x !== undefined && y !== undefined) return x < y ? -1 : x > y ? 1 : sameNumber(x, y) ? 0 : Number.NaN;
  if (typeof left === "string" && typeof right === "string") return compareTexts(left, right);
  for (const side of [left, right]) if (side instanceof Undefined) throw undefinedError(side);
  if (Array.isArray(left) && Array.isArray(right)) return compareLists(left, right, operator, visit);
  if (left instanceof Tuple && right instanceof Tuple) return compareLists(left.items, right.items, operator, visit);
  const micros = comparable(left, right);
  if (micros !== undefined) return micros[0] < micros[1] ? -1 : micros[0] > micros[1] ? 1 : 0;
  throw typeError(`'${operator}' not supported between instances of '${typeName(left)}' and '${typeName(right)}'`);
}

/** What using an absent value raises. */
export function undefinedError({ message, isForbidden }: Undefined): PythonError {
  return new PythonError(isForbidden ? "SecurityError" : "UndefinedError", message);
}

function compareLists(left: readonly unknown[], right: readonly unknown[], operator: Ordering, visit: Visit): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const a = admit(left[index]);
    const b = admit(right[index]);
    if (!areEqual(a, b, visit)) return visit.within(() => compareValues(a, b, operator, visit));
  }
  return left.length - right.length;
}

function comparable(left: Value, right: Value): readonly [bigint, bigint] | undefined {
  if (left instanceof TimeDelta && right instanceof TimeDelta) return [left.micros, right.micros];
  if (left instanceof CalendarDate && right instanceof CalendarDate) return [left.wall, right.wall];
  if (!(left instanceof DateTime) || !(right instanceof DateTime)) return undefined;
  if ((left.zone === undefined) !== (right.zone === undefined)) {
    throw typeError("can't compare offset-naive and offset-aware datetimes");
  }
  return [left.instant.epochMicros, right.instant.epochMicros];
}

const SURROGATE = /[\uD800-\uDFFF]/;

/** By code points, as Python orders texts. */
function compareTexts(left: string, right: string): number {
  if (!SURROGATE.test(left) && !SURROGATE.test(right)) return left < right ? -1 : left > right ? 1 : 0;
  const a = Array.from(left, (character) => character.codePointAt(0) ?? 0);
  const b = Array.from(right, (character) => character.codePointAt(0) ?? 0);
  const index = a.findIndex((code, at) => code !== b[at]);
  return index === -1 ? a.length - b.length : (a[index] ?? 0) - (b[index] ?? -1);
}
