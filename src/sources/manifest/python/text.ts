import { Dict, entriesOf, isMapping, PySet } from "./dict.ts";
import { CalendarDate, DateTime, ZoneValue } from "./date-value.ts";
import { allowTextLength } from "./limits.ts";
import { floatText } from "./number-text.ts";
import { CalendarDuration, TimeDelta } from "./time-delta.ts";
import { Visit } from "./visit.ts";
import { admit, Callable, PyFloat, PyObject, Series, Tuple, typeName, Undefined, type Value } from "./value.ts";

/** As Python's `str(value)`. */
export function str(value: Value): string {
  if (typeof value === "string") return value;
  if (value instanceof Undefined) return "";
  if (isDateLike(value)) return value.toString();
  return repr(value);
}

type DateLike = CalendarDate | DateTime | ZoneValue | TimeDelta | CalendarDuration;

function isDateLike(value: Value): value is DateLike {
  return (
    value instanceof DateTime ||
    value instanceof CalendarDate ||
    value instanceof ZoneValue ||
    value instanceof TimeDelta ||
    value instanceof CalendarDuration
  );
}

/** As Python's `repr(value)`. Throws a LimitError for what is too long or nested too deep. */
export function repr(value: Value): string {
  return shown(value, { length: 0, visit: new Visit() });
}

/** What has been shown so far: a value that holds another several times could else grow without end. */
interface Progress {
  length: number;
  readonly visit: Visit;
}

function shown(value: Value, progress: Progress): string {
  if (isContainer(value)) return progress.visit.within(() => container(value, progress));
  const text = shownScalar(value);
  progress.length += text.length;
  allowTextLength(progress.length);
  return text;
}

function isContainer(value: Value): boolean {
  return (
    Array.isArray(value) ||
    value instanceof Tuple ||
    value instanceof PySet ||
    value instanceof Series ||
    (typeof value === "object" && value !== null && isMapping(value))
  );
}

function shownScalar(value: Value): string {
  if (value === null) return "None";
  if (typeof value === "string") return quoted(value);
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "bigint") return String(value);
  // An integer has no negative zero.
  if (typeof value === "number") return Number.isInteger(value) ? String(value + 0) : floatText(value);
  return shownObject(value);
}

function shownObject(value: object): string {
  if (value instanceof PyFloat) return value.text ?? floatText(value.value);
  if (isDateLike(value)) return value.toRepr();
  if (value instanceof Undefined) return "Undefined";
  if (value instanceof Callable) return `<function ${value.name}>`;
  return `<${value instanceof PyObject ? value.typeName : "object"}>`;
}

function container(value: Value, progress: Progress): string {
  const list = (items: readonly unknown[]) => items.map((item) => shown(admit(item), progress)).join(", ");
  progress.length += 2;
  allowTextLength(progress.length);
  if (Array.isArray(value)) return `[${list(value)}]`;
  if (value instanceof Tuple) return value.items.length === 1 ? `(${list(value.items)},)` : `(${list(value.items)})`;
  if (value instanceof PySet) return value.items.length === 0 ? "set()" : `{${list(value.items)}}`;
  if (value instanceof Series)
    return value.typeName === "generator" ? "<generator>" : `${typeName(value)}([${list(value.items)}])`;
  if (typeof value !== "object" || value === null || !(value instanceof Dict || isMapping(value))) return "";
  const entries = entriesOf(value).map(([key, item]) => `${shown(key, progress)}: ${shown(item, progress)}`);
  return `{${entries.join(", ")}}`;
}

/** Python shows by their numbers what is not printable: controls, formats, surrogates, unassigned, odd spaces. */
const NOT_PRINTABLE = /[\p{C}\p{Z}]/gu;
const NEEDS_CARE = /[\\'\p{C}]|(?! )\p{Z}/u;
const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** As Python's `repr` of a text. */
export function quoted(text: string): string {
  if (!NEEDS_CARE.test(text)) return `'${text}'`;
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text
    .replaceAll("\\", "\\\\")
    .replaceAll(quote, `\\${quote}`)
    .replaceAll(NOT_PRINTABLE, (character) => (character === " " ? " " : (SHORT[character] ?? numbered(character))));
  return quote + escaped + quote;
}

function numbered(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code <= 0xff) return `\\x${hex.padStart(2, "0")}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}
