import { valueError } from "./python-error.ts";
import { float, integer, type Value } from "./value.ts";

/** Exponents from which Python shows a float as `1e+16` and `1e-05`. */
const LARGE_EXPONENT = 16;
const SMALL_EXPONENT = -4;

/** As Python's `repr` of a float. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
  const [mantissa = "0", exponentText = "0"] = Math.abs(value).toExponential().split("e");
  const exponent = Number(exponentText);
  const digits = mantissa.replace(".", "");
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  if (exponent >= LARGE_EXPONENT || exponent < SMALL_EXPONENT) {
    return `${sign}${mantissa}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
  }
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  return `${sign}${whole}.${digits.slice(exponent + 1) || "0"}`;
}

const DECIMAL = /^[+-]?\d+(?:_\d+)*$/;
const FLOAT = /^[+-]?(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+(?:_\d+)*)?$/;
const NOT_FINITE = /^[+-]?(?:inf|infinity|nan)$/i;
const PREFIX_OF_BASE = new Map([
  [2, "b"],
  [8, "o"],
  [16, "x"],
]);
/** CPython's limit for texts of integers. */
const MAX_DIGITS = 4300;

/** As Python's `int(text, base)`. Throws a ValueError. */
export function parseInteger(text: string, base = 10): Value {
  const trimmed = text.trim();
  const failure = () => valueError(`invalid literal for int() with base ${base}: '${text}'`);
  if (trimmed.length > MAX_DIGITS) throw valueError(`The integer has more than ${MAX_DIGITS} digits.`);
  if (base === 10) {
    if (!DECIMAL.test(trimmed)) throw failure();
    return integer(BigInt(trimmed.replaceAll("_", "").replace(/^\+/, "")));
  }
  if (base !== 0 && (base < 2 || base > 36)) throw valueError("int() base must be >= 2 and <= 36, or 0");
  return parseInBase(trimmed, base, failure);
}

function parseInBase(text: string, base: number, failure: () => Error): Value {
  const match = /^([+-]?)(?:0([box])_?)?([\da-z]+(?:_[\da-z]+)*)$/i.exec(text);
  const prefix = match?.[2]?.toLowerCase();
  const prefixed = [...PREFIX_OF_BASE].find(([, letter]) => letter === prefix)?.[0];
  const actual = base === 0 ? (prefixed ?? 10) : base;
  const isPrefix = prefix !== undefined && prefixed === actual;
  const digits = (isPrefix ? "" : prefix === undefined ? "" : `0${prefix}`) + (match?.[3] ?? "").replaceAll("_", "");
  if (digits === "") throw failure();
  let result = 0n;
  for (const digit of digits.toLowerCase()) {
    const worth = Number.parseInt(digit, 36);
    if (Number.isNaN(worth) || worth >= actual) throw failure();
    result = result * BigInt(actual) + BigInt(worth);
  }
  return integer(match?.[1] === "-" ? -result : result);
}

/** As Python's `float(text)`. Throws a ValueError. */
export function parseFloatText(text: string): Value {
  const trimmed = text.trim();
  if (FLOAT.test(trimmed)) return float(Number(trimmed.replaceAll("_", "")));
  if (!NOT_FINITE.test(trimmed)) throw valueError(`could not convert string to float: '${text}'`);
  if (/nan$/i.test(trimmed)) return Number.NaN;
  return trimmed.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}
