import { MAX_INTEGER_BITS } from "./limits.ts";
import { limitError, PythonError, typeError, valueError } from "./python-error.ts";
import { float, integer, PyFloat, typeName, type Value } from "./value.ts";

/** The value as an integer, if it is one; True and False are 1 and 0. */
export function asInteger(value: Value): number | bigint | undefined {
  if (typeof value === "number") return Number.isInteger(value) ? value : undefined;
  if (typeof value === "boolean") return value ? 1 : 0;
  return typeof value === "bigint" ? value : undefined;
}

export function isFloat(value: Value): value is number | PyFloat {
  return value instanceof PyFloat || (typeof value === "number" && !Number.isInteger(value));
}

/** The value as a double, if it is a number. Throws an OverflowError for an integer that has no double. */
export function asDouble(value: Value): number | undefined {
  if (value instanceof PyFloat) return value.value;
  if (typeof value === "number") return value;
  const whole = asInteger(value);
  if (whole === undefined) return undefined;
  const double = Number(whole);
  if (!Number.isFinite(double)) throw new PythonError("OverflowError", "int too large to convert to float");
  return double;
}

/** An integer argument: a count, an index, a width. Throws a TypeError for anything else. */
export function needInteger(value: Value, what: string): number {
  const whole = asInteger(value);
  if (whole === undefined) throw typeError(`${what} must be an integer, not ${typeName(value)}`);
  return Number(whole);
}

type Arithmetic = "+" | "-" | "*" | "/" | "//" | "%" | "**";

/** Python's arithmetic on two numbers; undefined if one of them is none. */
export function calculate(operator: Arithmetic, left: Value, right: Value): Value | undefined {
  const a = asInteger(left);
  const b = asInteger(right);
  if (a !== undefined && b !== undefined) return calculateIntegers(operator, a, b);
  const x = asDouble(left);
  const y = asDouble(right);
  return x === undefined || y === undefined ? undefined : float(calculateDoubles(operator, x, y));
}

function calculateIntegers(operator: Arithmetic, a: number | bigint, b: number | bigint): Value {
  switch (operator) {
    case "+":
      return narrow(Number(a) + Number(b)) ?? integer(BigInt(a) + BigInt(b));
    case "-":
      return narrow(Number(a) - Number(b)) ?? integer(BigInt(a) - BigInt(b));
    case "*":
      return narrow(Number(a) * Number(b)) ?? product(BigInt(a), BigInt(b));
    case "/":
      return float(divided(a, b));
    case "//":
      return integer(floorDivided(BigInt(a), nonZero(b)));
    case "%":
      return integer(BigInt(a) - floorDivided(BigInt(a), nonZero(b)) * BigInt(b));
    case "**":
      return power(a, b);
  }
}

/** A result that a double holds for sure. */
function narrow(value: number): number | undefined {
  return Number.isSafeInteger(value) ? value + 0 : undefined;
}

function product(a: bigint, b: bigint): Value {
  allowBits(bitsOf(a) + bitsOf(b));
  return integer(a * b);
}

function divided(a: number | bigint, b: number | bigint): number {
  nonZero(b);
  const quotient = Number(a) / Number(b);
  if (Number.isFinite(quotient)) return quotient;
  throw new PythonError("OverflowError", "integer division result too large for a float");
}

function floorDivided(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient;
}

function nonZero(divisor: number | bigint): bigint {
  if (Number(divisor) === 0) throw new PythonError("ZeroDivisionError", "division by zero");
  return BigInt(divisor);
}

function power(a: number | bigint, b: number | bigint): Value {
  if (b < 0) {
    if (Number(a) === 0) throw new PythonError("ZeroDivisionError", "0.0 cannot be raised to a negative power");
    return float(Number(a) ** Number(b));
  }
  if (a === 0 || a === 1) return b === 0 ? 1 : a;
  if (a !== -1) allowBits(Number(b) * bitsOf(BigInt(a)));
  return a === -1 ? (BigInt(b) % 2n === 0n ? 1 : -1) : integer(BigInt(a) ** BigInt(b));
}

function bitsOf(value: bigint): number {
  return value.toString(16).length * 4;
}

function allowBits(bits: number): void {
  if (bits > 2 * MAX_INTEGER_BITS) {
    throw limitError(`It makes an integer of some ${bits} bits, more than the limit of ${MAX_INTEGER_BITS}.`);
  }
}

function calculateDoubles(operator: Arithmetic, x: number, y: number): number {
  switch (operator) {
    case "+":
      return x + y;
    case "-":
      return x - y;
    case "*":
      return x * y;
    case "/":
      if (y === 0) throw new PythonError("ZeroDivisionError", "float division by zero");
      return x / y;
    case "//":
      if (y === 0) throw new PythonError("ZeroDivisionError", "float floor division by zero");
      return Math.floor((x - floatModulo(x, y)) / y + 0.5);
    case "%":
      if (y === 0) throw new PythonError("ZeroDivisionError", "float modulo");
      return floatModulo(x, y);
    case "**":
      return powerOfDoubles(x, y);
  }
}

/** Its sign is the divisor's. */
function floatModulo(x: number, y: number): number {
  const rest = x % y;
  if (rest === 0) return y < 0 ? -0 : 0;
  return rest < 0 === y < 0 ? rest : rest + y;
}

function powerOfDoubles(x: number, y: number): number {
  if (x === 0 && y < 0) {
    throw new PythonError("ZeroDivisionError", "0.0 cannot be raised to a negative power");
  }
  if (x === 1) return 1;
  const result = x ** y;
  if (Number.isNaN(result) && !Number.isNaN(x) && !Number.isNaN(y)) throw valueError("The power is a complex number.");
  if (!Number.isFinite(result) && Number.isFinite(x) && Number.isFinite(y)) {
    throw new PythonError("OverflowError", "Numerical result out of range");
  }
  return result;
}

/** `-value`, or undefined for what is no number. */
export function negate(value: Value): Value | undefined {
  const whole = asInteger(value);
  if (whole !== undefined) return integer(-BigInt(whole));
  const double = asDouble(value);
  return double === undefined ? undefined : float(-double);
}
