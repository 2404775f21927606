import { undefinedError } from "#sources/manifest/python/compare";
import { fixedText } from "#sources/manifest/python/decimal-text";
import { asDouble, asInteger, isFloat } from "#sources/manifest/python/number";
import { parseFloatText, parseInteger } from "#sources/manifest/python/number-text";
import { PythonError, typeError, valueError } from "#sources/manifest/python/python-error";
import { TimeDelta } from "#sources/manifest/python/time-delta";
import { float, integer, PyFloat, typeName, Undefined, type Value } from "#sources/manifest/python/value";
import { filter, type Filters } from "#sources/manifest/template/filter-definition";

/** Jinja's filters for numbers. */
export const NUMBER_FILTERS: Filters = {
  abs: filter([], absolute),
  filesizeformat: filter(["binary"], (value, given) =>
    fileSize(needDouble(toFloat(value)), given.get("binary", false) === true),
  ),
  float: filter(["default"], (value, given) => orDefault(() => toFloat(value), given.get("default", new PyFloat(0)))),
  int: filter(["default", "base"], (value, given) =>
    toInteger(value, given.get("default", 0), given.integer("base", 10)),
  ),
  round: filter(["precision", "method"], (value, given) =>
    round(value, given.integer("precision", 0), given.text("method", "common")),
  ),
};

function absolute(value: Value): Value {
  const whole = asInteger(value);
  if (whole !== undefined) return integer(whole < 0 ? -BigInt(whole) : BigInt(whole));
  const double = asDouble(value);
  if (double !== undefined) return float(Math.abs(double));
  if (value instanceof TimeDelta) return new TimeDelta(value.micros < 0n ? -value.micros : value.micros);
  throw typeError(`bad operand type for abs(): '${typeName(value)}'`);
}

/** As Python's `float`. */
function toFloat(value: Value): Value {
  if (typeof value === "string") return parseFloatText(value);
  if (value instanceof PyFloat) return value;
  if (value instanceof Undefined) throw undefinedError(value);
  return float(needDouble(value));
}

function needDouble(value: Value): number {
  const double = asDouble(value);
  if (double === undefined)
    throw typeError(`float() argument must be a string or a real number, not '${typeName(value)}'`);
  return double;
}

function orDefault(read: () => Value, fallback: Value): Value {
  try {
    return read();
  } catch (error) {
    if (error instanceof PythonError && (error.kind === "TypeError" || error.kind === "ValueError")) return fallback;
    throw error;
  }
}

function toInteger(value: Value, fallback: Value, base: number): Value {
  const direct = orDefault(
    () => (typeof value === "string" ? parseInteger(value, base) : truncated(value)),
    new Undefined(""),
  );
  if (!(direct instanceof Undefined)) return direct;
  try {
    return truncated(toFloat(value));
  } catch (error) {
    if (error instanceof PythonError && error.kind !== "UndefinedError" && error.kind !== "LimitError") return fallback;
    throw error;
  }
}

/** As Python's `int` of a number. */
export function truncated(value: Value): Value {
  const whole = asInteger(value);
  if (whole !== undefined) return whole;
  if (value instanceof Undefined) throw undefinedError(value);
  if (!isFloat(value)) {
    throw typeError(`int() argument must be a string, a bytes-like object or a real number, not '${typeName(value)}'`);
  }
  const double = needDouble(value);
  if (Number.isNaN(double)) throw valueError("cannot convert float NaN to integer");
  if (!Number.isFinite(double)) throw new PythonError("OverflowError", "cannot convert float infinity to integer");
  return integer(BigInt(Math.trunc(double)));
}

function round(value: Value, precision: number, method: string): Value {
  if (!["common", "ceil", "floor"].includes(method)) throw valueError("method must be common, ceil or floor");
  const double = asDouble(value);
  if (double === undefined) throw typeError(`type ${typeName(value)} doesn't define __round__ method`);
  const whole = asInteger(value);
  if (method !== "common") {
    const scale = 10 ** precision;
    return float((method === "ceil" ? Math.ceil(double * scale) : Math.floor(double * scale)) / scale);
  }
  if (whole !== undefined) return precision >= 0 ? whole : roundInteger(BigInt(whole), -precision);
  return float(roundDouble(double, precision));
}

/** Powers of ten beyond which nothing is left of any double. */
const MAX_PRECISION = 400;

function roundInteger(value: bigint, zeros: number): Value {
  const unit = 10n ** BigInt(Math.min(zeros, MAX_PRECISION));
  const rest = ((value % unit) + unit) % unit;
  const below = value - rest;
  const isUp = rest * 2n > unit || (rest * 2n === unit && (below / unit) % 2n !== 0n);
  return integer(isUp ? below + unit : below);
}

function roundDouble(value: number, precision: number): number {
  if (!Number.isFinite(value) || precision > MAX_PRECISION) return value;
  const sign = value < 0 || Object.is(value, -0) ? -1 : 1;
  if (precision >= 0) return sign * Number(fixedText(Math.abs(value), precision));
  const whole = Number(roundInteger(BigInt(Math.trunc(Math.abs(value))), -precision));
  return sign * whole;
}

const DECIMAL_UNITS = ["kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"];
const BINARY_UNITS = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"];

function fileSize(bytes: number, isBinary: boolean): string {
  const base = isBinary ? 1024 : 1000;
  if (bytes === 1) return "1 Byte";
  if (bytes < base) return `${Math.trunc(bytes)} Bytes`;
  const units = isBinary ? BINARY_UNITS : DECIMAL_UNITS;
  const index = units.findIndex((_, power) => bytes < base ** (power + 2));
  const power = index === -1 ? units.length - 1 : index;
  return `${fixedText((base * bytes) / base ** (power + 2), 1)} ${units[power] ?? ""}`;
}
