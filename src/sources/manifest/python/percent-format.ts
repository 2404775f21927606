import { isMapping, lookUp } from "./dict.ts";
import { formatNumber, formatValue } from "./format-spec.ts";
import { allowTextLength } from "./limits.ts";
import { asDouble, asInteger, needInteger } from "./number.ts";
import { PythonError, typeError, valueError } from "./python-error.ts";
import { quoted, repr, str } from "./text.ts";
import { integer, Tuple, typeName, type Value } from "./value.ts";

/** A key of more characters is not looked for, lest the search for its end take long. */
const CONVERSION =
  /%(?:\((?<key>[^)]{0,200})\))?(?<flags>[-+ #0]*)(?<width>\*|\d+)?(?:\.(?<precision>\*|\d*))?[hlL]?(?<type>.)?/gsu;

/** As Python's `text % values`. Throws a TypeError where values and conversions do not match. */
export function percentFormat(text: string, values: Value): string {
  const list = values instanceof Tuple ? values.items : [values];
  let used = 0;
  const next = () => {
    const value = list[used];
    used += 1;
    if (value === undefined) throw typeError("not enough arguments for format string");
    return value;
  };
  let length = 0;
  let usesKeys = false;
  const result = text.replaceAll(CONVERSION, (...match: readonly unknown[]) => {
    const groups = groupsOf(match);
    if (groups["type"] === "%") return "%";
    if (groups["type"] === undefined) throw valueError("incomplete format");
    const count = (part: string | undefined) => (part === "*" ? needInteger(next(), "*") : Number(part || 0));
    const width = count(groups["width"]);
    const precision = groups["precision"] === undefined ? undefined : count(groups["precision"]);
    const key = groups["key"];
    usesKeys ||= key !== undefined;
    const value = key === undefined ? next() : valueAt(values, key);
    allowTextLength(width + (precision ?? 0));
    const shown = converted(value, groups["type"], groups["flags"] ?? "", width, precision);
    length += shown.length;
    allowTextLength(length);
    return shown;
  });
  if (used < list.length && !usesKeys && !isMapping(values) && !Array.isArray(values)) {
    throw typeError("not all arguments converted during string formatting");
  }
  return result;
}

type Groups = Readonly<Record<string, string | undefined>>;

function groupsOf(match: readonly unknown[]): Groups {
  const last = match.at(-1);
  if (typeof last !== "object" || last === null) return {};
  return Object.fromEntries(
    Object.entries(last).map(([name, value]) => [name, typeof value === "string" ? value : undefined]),
  );
}

function valueAt(values: Value, key: string): Value {
  if (!isMappingValue(values)) throw typeError("format requires a mapping");
  const value = lookUp(values, key);
  if (value === undefined) throw new PythonError("KeyError", quoted(key));
  return value;
}

function isMappingValue(values: Value): values is Parameters<typeof lookUp>[0] {
  return isMapping(values);
}

function converted(value: Value, type: string, flags: string, width: number, precision: number | undefined): string {
  const isLeft = flags.includes("-");
  const sign = flags.includes("+") ? "+" : flags.includes(" ") ? " " : "-";
  const align = isLeft ? "<" : ">";
  const text = textOf(value, type);
  if (text !== undefined) {
    const cut = precision === undefined || type === "c" ? text : Array.from(text).slice(0, precision).join("");
    return isLeft ? cut.padEnd(width) : cut.padStart(width);
  }
  const isZero = flags.includes("0") && !isLeft;
  const spec = {
    fill: isZero ? "0" : " ",
    align: isZero ? "=" : align,
    sign,
    isAlternate: flags.includes("#"),
    width,
    grouping: "",
    precision,
    type: "iu".includes(type) ? "d" : type,
  };
  if ("diu".includes(type)) return formatNumber(truncated(value, type), spec);
  if (!"oxXeEfFgG".includes(type)) throw valueError(`unsupported format character '${type}'`);
  const isNumber = "oxX".includes(type) ? asInteger(value) !== undefined : asDouble(value) !== undefined;
  if (!isNumber) throw typeError(`%${type} format: a number is required, not ${typeName(value)}`);
  return formatNumber(value, spec);
}

function textOf(value: Value, type: string): string | undefined {
  if (type === "s") return str(value);
  if (type === "r" || type === "a") return repr(value);
  if (type !== "c") return undefined;
  return typeof value === "string" ? value : formatValue(value, "c");
}

function truncated(value: Value, type: string): Value {
  const whole = asInteger(value);
  if (whole !== undefined) return whole;
  const double = asDouble(value);
  if (double === undefined) throw typeError(`%${type} format: a real number is required, not ${typeName(value)}`);
  if (!Number.isFinite(double)) throw valueError("cannot convert float NaN or infinity to integer");
  return integer(BigInt(Math.trunc(double)));
}
