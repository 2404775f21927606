import { CalendarDate, DateTime, moveDate } from "./date-value.ts";
import { addToWall, negateDuration } from "./duration.ts";
import { allowListLength, allowTextLength } from "./limits.ts";
import { undefinedError } from "./compare.ts";
import { asDouble, asInteger, calculate, negate } from "./number.ts";
import { percentFormat } from "./percent-format.ts";
import { PythonError, typeError } from "./python-error.ts";
import { CalendarDuration, durationOf, durationValue, TimeDelta } from "./time-delta.ts";
import { admit, Tuple, typeName, Undefined, type Value } from "./value.ts";

export type Operator = "+" | "-" | "*" | "/" | "//" | "%" | "**";

/** Python's binary operators. Throws a TypeError where Python has none for the two types. */
export function operate(operator: Operator, left: Value, right: Value): Value {
  if (typeof left === "string" && operator === "%") return percentFormat(left, right);
  const number = calculate(operator, left, right);
  if (number !== undefined) return number;
  for (const side of [left, right]) if (side instanceof Undefined) throw undefinedError(side);
  const result = combine(operator, left, right);
  if (result !== undefined) return result;
  throw typeError(`unsupported operand type(s) for ${operator}: '${typeName(left)}' and '${typeName(right)}'`);
}

function combine(operator: Operator, left: Value, right: Value): Value | undefined {
  switch (operator) {
    case "+":
      return joined(left, right) ?? addDates(left, right) ?? addDates(right, left);
    case "-":
      return subtractDates(left, right);
    case "*":
      return repeated(left, right) ?? repeated(right, left) ?? scaled(left, right) ?? scaled(right, left);
    case "/":
    case "//":
    case "%":
      return divideDelta(operator, left, right);
    case "**":
      return undefined;
  }
}

function joined(left: Value, right: Value): Value | undefined {
  if (typeof left === "string" && typeof right === "string") {
    allowTextLength(left.length + right.length);
    return left + right;
  }
  if (Array.isArray(left) && Array.isArray(right)) {
    allowListLength(left.length + right.length);
    return [...left.map(admit), ...right.map(admit)];
  }
  if (!(left instanceof Tuple) || !(right instanceof Tuple)) return undefined;
  allowListLength(left.items.length + right.items.length);
  return new Tuple([...left.items, ...right.items]);
}

function repeated(value: Value, times: Value): Value | undefined {
  const whole = asInteger(times);
  if (whole === undefined) return undefined;
  const count = Math.max(Number(whole), 0);
  if (typeof value === "string") {
    allowTextLength(value.length * count);
    return value === "" ? "" : value.repeat(count);
  }
  const items = value instanceof Tuple ? value.items : Array.isArray(value) ? value.map(admit) : undefined;
  if (items === undefined) return undefined;
  allowListLength(items.length * count);
  const copies = items.length === 0 ? [] : Array.from({ length: count }, () => items).flat();
  return value instanceof Tuple ? new Tuple(copies) : copies;
}

type Length = TimeDelta | CalendarDuration;

function isLength(value: Value): value is Length {
  return value instanceof TimeDelta || value instanceof CalendarDuration;
}

function addDates(left: Value, right: Value): Value | undefined {
  if (!isLength(right)) return undefined;
  if (left instanceof DateTime) return new DateTime(addToWall(left.wall, durationOf(right)), left.zone);
  if (left instanceof CalendarDate) return movedDate(left, 1, right);
  return isLength(left) ? sumOf(left, right) : undefined;
}

function movedDate(date: CalendarDate, direction: 1 | -1, length: Length): CalendarDate {
  const { years, months, micros } = durationOf(length);
  const wall = addToWall(date.wall, { years: direction * years, months: direction * months, micros: 0n });
  return moveDate(new CalendarDate(wall), direction, micros);
}

function sumOf(left: Length, right: Length): Length {
  const a = durationOf(left);
  const b = durationOf(right);
  return durationValue({ years: a.years + b.years, months: a.months + b.months, micros: a.micros + b.micros });
}

function subtractDates(left: Value, right: Value): Value | undefined {
  if (isLength(right)) {
    if (left instanceof CalendarDate) return movedDate(left, -1, right);
    return addDates(left, negated(right));
  }
  if (left instanceof CalendarDate && right instanceof CalendarDate) return new TimeDelta(left.wall - right.wall);
  if (!(left instanceof DateTime) || !(right instanceof DateTime)) return undefined;
  if ((left.zone === undefined) !== (right.zone === undefined)) {
    throw typeError("can't subtract offset-naive and offset-aware datetimes");
  }
  return new TimeDelta(left.instant.epochMicros - right.instant.epochMicros);
}

function negated(value: Length): Length {
  return durationValue(negateDuration(durationOf(value)));
}

function scaled(left: Value, right: Value): Value | undefined {
  if (!isLength(left)) return undefined;
  const whole = asInteger(right);
  if (whole !== undefined) {
    const { years, months, micros } = durationOf(left);
    const times = Number(whole);
    return durationValue({ years: years * times, months: months * times, micros: micros * BigInt(whole) });
  }
  const factor = asDouble(right);
  if (factor === undefined || !(left instanceof TimeDelta)) return undefined;
  return new TimeDelta(rounded(Number(left.micros) * factor));
}

function rounded(micros: number): bigint {
  if (!Number.isFinite(micros)) throw new PythonError("OverflowError", "The length of time is not finite.");
  return BigInt(Math.round(micros));
}

function divideDelta(operator: "/" | "//" | "%", left: Value, right: Value): Value | undefined {
  if (!(left instanceof TimeDelta)) return undefined;
  if (right instanceof TimeDelta) {
    const result = calculate(operator, left.micros, right.micros);
    return operator === "%" ? new TimeDelta(typeof result === "bigint" ? result : BigInt(Number(result))) : result;
  }
  const divisor = asDouble(right);
  if (divisor === undefined || operator === "%") return undefined;
  if (divisor === 0) throw new PythonError("ZeroDivisionError", "division by zero");
  const quotient = Number(left.micros) / divisor;
  return new TimeDelta(rounded(operator === "//" ? Math.floor(quotient) : quotient));
}

/** Python's unary minus and plus. */
export function signed(sign: "+" | "-", value: Value): Value {
  if (value instanceof Undefined) throw undefinedError(value);
  const number =
    sign === "-" ? negate(value) : (asInteger(value) ?? (asDouble(value) === undefined ? undefined : value));
  if (number !== undefined) return number;
  if (isLength(value)) return sign === "-" ? negated(value) : value;
  throw typeError(`bad operand type for unary ${sign}: '${typeName(value)}'`);
}
