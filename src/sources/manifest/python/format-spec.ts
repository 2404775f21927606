import { CalendarDate, DateTime } from "./date-value.ts";
import { exponentText, fixedText, generalText } from "./decimal-text.ts";
import { allowTextLength } from "./limits.ts";
import { floatText } from "./number-text.ts";
import { asDouble, asInteger, isFloat } from "./number.ts";
import { typeError, valueError } from "./python-error.ts";
import { str } from "./text.ts";
import { typeName, type Value } from "./value.ts";

/** Python's format specification: how a value is shown in a column of a report. */
export interface FormatSpec {
  readonly fill: string;
  readonly align: string;
  readonly sign: string;
  readonly isAlternate: boolean;
  readonly width: number;
  readonly grouping: string;
  readonly precision: number | undefined;
  readonly type: string;
}

const SPEC =
  /^(?:(?<fill>.)?(?<align>[<>=^]))?(?<sign>[-+ ])?z?(?<alternate>#)?(?<zero>0)?(?<width>\d+)?(?<grouping>[_,])?(?:\.(?<precision>\d+))?(?<type>[bcdeEfFgGnosxX%])?$/su;

/** As Python's `format(value, spec)`. Throws a ValueError at a specification that does not fit the value. */
export function formatValue(value: Value, spec: string): string {
  if (value instanceof DateTime || value instanceof CalendarDate) return spec === "" ? str(value) : value.format(spec);
  if (spec === "") return str(value);
  const parsed = parseSpec(spec);
  if (typeof value === "string") return formatText(value, parsed);
  const isNumber = isFloat(value) || asInteger(value) !== undefined;
  if (!isNumber) throw typeError(`unsupported format string passed to ${typeName(value)}.__format__`);
  return formatNumber(value, parsed);
}

function parseSpec(spec: string): FormatSpec {
  const groups = SPEC.exec(spec)?.groups;
  if (groups === undefined) throw valueError(`Invalid format specifier '${spec}'`);
  const isZero = groups["zero"] !== undefined;
  const width = Number(groups["width"] ?? 0);
  const precision = groups["precision"] === undefined ? undefined : Number(groups["precision"]);
  allowTextLength(width + (precision ?? 0));
  return {
    fill: groups["fill"] ?? (isZero ? "0" : " "),
    align: groups["align"] ?? (isZero ? "=" : ""),
    sign: groups["sign"] ?? "-",
    isAlternate: groups["alternate"] !== undefined,
    width,
    grouping: groups["grouping"] ?? "",
    precision,
    type: groups["type"] ?? "",
  };
}

function formatText(text: string, spec: FormatSpec): string {
  if (spec.type !== "" && spec.type !== "s") {
    throw valueError(`Unknown format code '${spec.type}' for object of type 'str'`);
  }
  const cut = spec.precision === undefined ? text : Array.from(text).slice(0, spec.precision).join("");
  return padded("", cut, spec.align === "" || spec.align === "=" ? { ...spec, align: "<" } : spec);
}

/** A number; what `%` formatting needs of it too. */
export function formatNumber(value: Value, spec: FormatSpec): string {
  const whole = asInteger(value);
  const isIntegral = whole !== undefined && "bcdnoxX".includes(spec.type);
  if (!isIntegral && "bcdoxX".includes(spec.type) && spec.type !== "") {
    throw valueError(`Unknown format code '${spec.type}' for object of type '${typeName(value)}'`);
  }
  const digits = isIntegral ? integerDigits(whole, spec) : floatDigits(value, spec);
  const isNegative = isIntegral ? whole < 0 : isNegativeDouble(asDouble(value) ?? 0);
  const sign = isNegative ? "-" : spec.sign === "-" ? "" : spec.sign;
  return padded(sign + digits.prefix, digits.text, spec.align === "" ? { ...spec, align: ">" } : spec);
}

function isNegativeDouble(value: number): boolean {
  return value < 0 || Object.is(value, -0);
}

interface Digits {
  readonly prefix: string;
  readonly text: string;
}

const RADIX: Readonly<Record<string, number>> = { b: 2, o: 8, x: 16, X: 16 };

function integerDigits(whole: number | bigint, spec: FormatSpec): Digits {
  const absolute = whole < 0 ? -BigInt(whole) : BigInt(whole);
  if (spec.type === "c") return { prefix: "", text: String.fromCodePoint(Number(absolute)) };
  const radix = RADIX[spec.type] ?? 10;
  const digits = absolute.toString(radix);
  const text = grouped(spec.type === "X" ? digits.toUpperCase() : digits, spec.grouping, radix === 10 ? 3 : 4);
  return { prefix: spec.isAlternate && radix !== 10 ? `0${spec.type}` : "", text };
}

function floatDigits(value: Value, spec: FormatSpec): Digits {
  const double = Math.abs(asDouble(value) ?? 0);
  if (!Number.isFinite(double)) return { prefix: "", text: Number.isNaN(double) ? "nan" : "inf" };
  const text = floatForm(double, spec);
  const isUpper = "EFG".includes(spec.type) && spec.type !== "";
  const [whole = "", ...rest] = text.split(/(?=[.e%])/);
  return { prefix: "", text: isUpper ? text.toUpperCase() : grouped(whole, spec.grouping, 3) + rest.join("") };
}

function floatForm(double: number, { type, precision, isAlternate }: FormatSpec): string {
  switch (type) {
    case "e":
    case "E":
      return exponentText(double, precision ?? 6);
    case "f":
    case "F":
      return fixedText(double, precision ?? 6);
    case "%":
      return `${fixedText(double * 100, precision ?? 6)}%`;
    case "g":
    case "G":
    case "n":
      return generalText(double, precision ?? 6, isAlternate);
    default: {
      if (precision === undefined) return floatText(double);
      const text = generalText(double, precision, isAlternate);
      return /[.e]/.test(text) ? text : `${text}.0`;
    }
  }
}

function grouped(digits: string, separator: string, size: number): string {
  if (separator === "") return digits;
  const groups = [];
  for (let end = digits.length; end > 0; end -= size) groups.unshift(digits.slice(Math.max(0, end - size), end));
  return groups.join(separator);
}

function padded(sign: string, text: string, { fill, align, width }: FormatSpec): string {
  const missing = Math.max(0, width - sign.length - Array.from(text).length);
  if (missing === 0) return sign + text;
  switch (align) {
    case "<":
      return sign + text + fill.repeat(missing);
    case "^":
      return fill.repeat(Math.floor(missing / 2)) + sign + text + fill.repeat(Math.ceil(missing / 2));
    case "=":
      return sign + fill.repeat(missing) + text;
    default:
      return fill.repeat(missing) + sign + text;
  }
}
