import { compareValues } from "./compare.ts";
import { entriesOf, isMapping } from "./dict.ts";
import { allowTextLength } from "./limits.ts";
import { asInteger, isFloat } from "./number.ts";
import { typeError } from "./python-error.ts";
import { str } from "./text.ts";
import { admit, Tuple, typeName, type Value } from "./value.ts";
import { Visit } from "./visit.ts";

export interface DumpOptions {
  readonly sortKeys?: boolean;
  readonly indent?: string | undefined;
}

/** As Python's `json.dumps`: a space after commas and colons, and nothing but ASCII. */
export function dumpJson(value: Value, options: DumpOptions = {}): string {
  return dump(value, options, { length: 0, visit: new Visit() }, 0);
}

interface Progress {
  length: number;
  readonly visit: Visit;
}

function dump(value: Value, options: DumpOptions, progress: Progress, depth: number): string {
  const { indent } = options;
  const inner = (item: Value) => progress.visit.within(() => dump(item, options, progress, depth + 1));
  const wrap = (open: string, items: readonly string[], close: string) => {
    if (items.length === 0) return open + close;
    if (indent === undefined) return open + items.join(", ") + close;
    const line = `\n${indent.repeat(depth + 1)}`;
    return `${open}${line}${items.join(`,${line}`)}\n${indent.repeat(depth)}${close}`;
  };
  if (Array.isArray(value))
    return wrap(
      "[",
      value.map((item) => inner(admit(item))),
      "]",
    );
  if (value instanceof Tuple) return wrap("[", value.items.map(inner), "]");
  if (typeof value === "object" && value !== null && isMapping(value)) {
    const entries = [...entriesOf(value)];
    if (options.sortKeys === true) entries.sort(([left], [right]) => compareValues(left, right));
    return wrap(
      "{",
      entries.map(([key, item]) => `${dumpText(keyText(key))}: ${inner(item)}`),
      "}",
    );
  }
  const text = dumpScalar(value);
  progress.length += text.length;
  allowTextLength(progress.length);
  return text;
}

function dumpScalar(value: Value): string {
  if (value === null) return "null";
  if (typeof value === "string") return dumpText(value);
  if (typeof value === "boolean") return String(value);
  if (asInteger(value) !== undefined) return str(value);
  if (!isFloat(value)) throw typeError(`Object of type ${typeName(value)} is not JSON serializable`);
  const text = str(value);
  return { inf: "Infinity", "-inf": "-Infinity", nan: "NaN" }[text] ?? text;
}

/** A key as JSON has it: True is "true". */
export function keyText(key: Value): string {
  if (typeof key === "string") return key;
  if (key === null || typeof key === "boolean" || asInteger(key) !== undefined || isFloat(key)) return dumpScalar(key);
  throw typeError(`keys must be str, int, float, bool or None, not ${typeName(key)}`);
}

function dumpText(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
