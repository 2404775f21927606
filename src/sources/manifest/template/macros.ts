import { type Arguments, callable } from "#sources/manifest/python/arguments";
import { compareValues, undefinedError } from "#sources/manifest/python/compare";
import { MICROS_PER_DAY } from "#sources/manifest/python/calendar";
import { formatDatetime, parseDatetime } from "#sources/manifest/python/datetime";
import { CalendarDate, DateTime, PYTZ_UTC, UTC } from "#sources/manifest/python/date-value";
import { Dict, entriesOf, isMapping } from "#sources/manifest/python/dict";
import { parseDuration } from "#sources/manifest/python/duration";
import { timestampOf } from "#sources/manifest/python/instant";
import { parseIsoDatetime } from "#sources/manifest/python/iso-datetime";
import { asDouble, asInteger, isFloat } from "#sources/manifest/python/number";
import { PythonError, typeError, valueError } from "#sources/manifest/python/python-error";
import { iterate } from "#sources/manifest/python/sequence";
import { strptime } from "#sources/manifest/python/strptime";
import { durationValue } from "#sources/manifest/python/time-delta";
import { quoteUrlPlus } from "#sources/manifest/python/url-quote";
import { Callable, float, type Named, typeName, Undefined, type Value } from "#sources/manifest/python/value";
import { truncated } from "./filters/number-filters.ts";
import { Namespace } from "./namespace.ts";
import type { TemplateEnvironment } from "./world.ts";
import { zonedMicros } from "./zoned-time.ts";

/** Functions whose value depends on when they are called. */
export const CLOCK_FUNCTIONS: ReadonlySet<string> = new Set([
  "day_delta",
  "now_utc",
  "today_utc",
  "today_with_timezone",
]);

/** What `day_delta` writes if it is given no format. */
const RFC_3339 = "%Y-%m-%dT%H:%M:%S.%f%z";

/** The functions that every template has: the Airbyte CDK's macros, and Jinja's `dict` and `namespace`. */
export function createMacros({ now, uuid }: TemplateEnvironment): ReadonlyMap<string, Callable> {
  const nowUtc = () => new DateTime(BigInt(Math.trunc(now())) * 1000n, UTC);
  const macros = [
    callable("camel_case_to_snake_case", ["value"], (given) =>
      given
        .text("value")
        .replaceAll(/(?<!^)(?=[A-Z])/g, "_")
        .toLowerCase(),
    ),
    callable("day_delta", ["num_days", "format"], (given) => {
      const days = needNumber(given.need("num_days"));
      const micros = BigInt(Math.round(days * Number(MICROS_PER_DAY)));
      return new DateTime(nowUtc().wall + micros, UTC).format(given.text("format", RFC_3339));
    }),
    new Callable("dict", dict),
    callable("duration", ["datestring"], (given) => durationValue(parseDuration(given.text("datestring")))),
    callable("format_datetime", ["dt", "format", "input_format"], reformat),
    callable("generate_uuid", [], () => uuid()),
    new Callable("max", (args) => extreme("max", args, 1)),
    new Callable("min", (args) => extreme("min", args, -1)),
    new Callable("namespace", (args, named) => new Namespace(texts(dict(args, named)))),
    callable("now_utc", [], nowUtc),
    callable("sanitize_url", ["value"], (given) => quoteUrlPlus(given.text("value"))),
    callable("str_to_datetime", ["s"], (given) => toDatetime(given.need("s"))),
    callable("timestamp", ["dt"], (given) => {
      const value = given.need("dt");
      if (isFloat(value) || asInteger(value) !== undefined) return truncated(value);
      return float(timestampOf(toDatetime(value).instant));
    }),
    callable("today_utc", [], () => nowUtc().date),
    callable(
      "today_with_timezone",
      ["timezone"],
      (given) => new CalendarDate(zonedMicros(now(), given.text("timezone"))),
    ),
  ];
  return new Map(macros.map((macro) => [macro.name, macro]));
}

function needNumber(value: Value): number {
  const double = asDouble(value);
  if (double === undefined) throw typeError(`unsupported type for timedelta days component: ${typeName(value)}`);
  if (!Number.isFinite(double)) throw valueError("The number of days is not finite.");
  return double;
}

/** ISO 8601; UTC where the text has no offset. */
function toDatetime(value: Value): DateTime {
  if (value instanceof Undefined) throw undefinedError(value);
  if (typeof value !== "string") throw typeError(`a datetime as text is needed, not ${typeName(value)}`);
  const { fields, offsetMinutes } = parseIsoDatetime(value);
  return DateTime.fromParsed({ fields, offsetMinutes: offsetMinutes ?? 0 }).inZone(PYTZ_UTC);
}

function reformat(given: Arguments): Value {
  const value = given.need("dt");
  const format = given.text("format");
  if (value instanceof DateTime) return value.format(format);
  const inputFormat = given.optionalText("input_format");
  const whole = asInteger(value);
  if (whole !== undefined) {
    const seconds = typeof whole === "bigint" ? String(whole) : whole;
    return formatDatetime(
      parseDatetime(seconds, inputFormat === undefined || inputFormat === "" ? "%s" : inputFormat),
      format,
    );
  }
  if (inputFormat === undefined || inputFormat === "") return formatDatetime(toDatetime(value).instant, format);
  if (typeof value !== "string") throw typeError(`strptime() argument 1 must be str, not ${typeName(value)}`);
  const { fields, offsetMinutes } = strptime(value, inputFormat);
  return formatDatetime(DateTime.fromParsed({ fields, offsetMinutes: offsetMinutes ?? 0 }).instant, format);
}

function extreme(name: string, args: readonly Value[], direction: 1 | -1): Value {
  const [only] = args;
  if (only === undefined) throw typeError(`${name} expected at least 1 argument, got 0`);
  const [first, ...rest] = args.length === 1 ? iterate(only) : args;
  if (first === undefined) throw valueError(`${name}() arg is an empty sequence`);
  return rest.reduce(
    (best, item) => (direction * compareValues(item, best, direction === 1 ? ">" : "<") > 0 ? item : best),
    first,
  );
}

function dict(args: readonly Value[], named: Named): Dict {
  const [first] = args;
  if (args.length > 1) throw typeError(`dict expected at most 1 argument, got ${args.length}`);
  const entries = first === undefined ? [] : isMapping(first) ? entriesOf(first) : iterate(first).map(pair);
  return new Dict([...entries, ...named]);
}

function pair(value: Value): readonly [Value, Value] {
  const [key, item, more] = iterate(value);
  if (key === undefined || item === undefined || more !== undefined) {
    throw valueError("dictionary update sequence element has a length that is not 2");
  }
  return [key, item];
}

function texts(values: Dict): readonly (readonly [string, Value])[] {
  return values.entries().map(([key, value]) => {
    if (typeof key !== "string") throw new PythonError("TypeError", "the names of a namespace must be texts");
    return [key, value] as const;
  });
}
