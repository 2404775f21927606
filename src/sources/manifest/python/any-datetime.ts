import { type Fields, MIDNIGHT } from "./calendar.ts";
import { DatetimeMismatch } from "./datetime-mismatch.ts";
import { type Instant, instantAt, instantFromFields } from "./instant.ts";
import { parseIsoDatetime } from "./iso-datetime.ts";
import { PythonError } from "./python-error.ts";
import { MONTHS, WEEKDAYS } from "./strftime.ts";
import type { Parsed } from "./strptime.ts";

/** Seconds since 1970 have at most as many digits; the Airbyte CDK refuses more. */
const MAX_TIMESTAMP_DIGITS = 10;

/**
 * Reads a datetime whatever its format, as the Airbyte CDK's `ab_datetime_parse`: ISO 8601, seconds since 1970, RFC 2822,
 * and dates with slashes (month first) or month names. Without an offset it is UTC. Throws a DatetimeMismatch.
 */
export function parseAnyDatetime(input: string | number): Instant {
  const text = String(input);
  try {
    if (/^-?\d+$/.test(text)) return fromTimestamp(text);
    if (isDateOnly(text)) return fromDate(text);
    if (!hasDate(text)) throw new DatetimeMismatch(`'${text}' has no date.`);
    const { fields, offsetMinutes } = parseLoosely(text.trim());
    return instantFromFields(fields, offsetMinutes ?? 0);
  } catch (error) {
    if (!(error instanceof PythonError) || error instanceof DatetimeMismatch) throw error;
    throw new DatetimeMismatch(`'${text}' is no datetime: ${error.message}`);
  }
}

function fromTimestamp(text: string): Instant {
  if (text.startsWith("-")) throw new DatetimeMismatch(`Timestamp cannot be negative: ${text}`);
  const seconds = BigInt(text);
  if (String(seconds).length > MAX_TIMESTAMP_DIGITS) {
    throw new DatetimeMismatch(`Timestamp value too large: ${text} has more than ${MAX_TIMESTAMP_DIGITS} digits.`);
  }
  return instantAt(seconds * 1_000_000n);
}

function isDateOnly(text: string): boolean {
  return !text.includes(":") && text.split("-").length === 3 && !text.includes("/");
}

function fromDate(text: string): Instant {
  const parts = text.split("-").map((part) => part.trim());
  if (!parts.every((part) => /^\d+$/.test(part))) {
    throw new DatetimeMismatch(`Invalid date format: '${text}'; expected YYYY-MM-DD.`);
  }
  const [year = 0, month = 0, day = 0] = parts.map(Number);
  return instantFromFields({ year, month, day, ...MIDNIGHT }, 0);
}

function hasDate(text: string): boolean {
  return !text.includes(":") || text.split("-").length > 2 || text.split("/").length > 2;
}

function parseLoosely(text: string): Parsed {
  if (/[T\s]24:|\dT24/.test(text)) throw new DatetimeMismatch(`'${text}' is no datetime: hours go from 0 to 23.`);
  try {
    return parseIsoDatetime(text);
  } catch (error) {
    if (!(error instanceof PythonError)) throw error;
    return fromWords(text);
  }
}

const MONTH = MONTHS.map((name) => `${name.slice(0, 3)}(?:${name.slice(3)})?`).join("|");
const WEEKDAY = WEEKDAYS.map((name) => `${name.slice(0, 3)}(?:${name.slice(3)})?`).join("|");
const DATES: readonly RegExp[] = [
  /^(?<year>\d{4})[-/.](?<month>\d{1,2})[-/.](?<day>\d{1,2})/,
  /^(?<month>\d{1,2})[-/.](?<day>\d{1,2})[-/.](?<year>\d{4}|\d\d)(?!\d)/,
  new RegExp(`^(?<day>\\d{1,2})(?:st|nd|rd|th)?[\\s-](?<name>${MONTH})\\.?,?[\\s-](?<year>\\d{4}|\\d\\d)(?!\\d)`, "i"),
  new RegExp(
    `^(?<name>${MONTH})\\.?[\\s-](?<day>\\d{1,2})(?:st|nd|rd|th)?,?[\\s-]+(?<year>\\d{4}|\\d\\d)(?![\\d:])`,
    "i",
  ),
];
const CLOCK =
  /^(?:[T\s,]|at)*(?<hour>\d{1,2}):(?<minute>\d\d)(?::(?<second>\d\d)(?:[.,](?<fraction>\d+))?)?\s*(?<half>[ap]\.?m\.?)?\s*(?<zone>Z|UTC|GMT|(?:UTC|GMT)?[+-]\d\d(?::?\d\d)?)?$/i;
const ZONED_DATE = new RegExp(`^(?:${WEEKDAY})?,?\\s*`, "i");

function fromWords(text: string): Parsed {
  const undated = text.replace(ZONED_DATE, "");
  for (const shape of DATES) {
    const match = shape.exec(undated);
    if (match?.groups === undefined) continue;
    const rest = undated.slice(match[0].length).trim();
    const clock = rest === "" ? { time: MIDNIGHT, offsetMinutes: undefined } : clockFrom(rest, text);
    return { fields: { ...dateFrom(match.groups), ...clock.time }, offsetMinutes: clock.offsetMinutes };
  }
  throw new DatetimeMismatch(`'${text}' is no datetime in a known format, such as 2024-01-31T12:00:00Z.`);
}

type Groups = Readonly<Record<string, string | undefined>>;

function dateFrom(groups: Groups): Pick<Fields, "year" | "month" | "day"> {
  const year = Number(groups["year"]);
  const name = groups["name"]?.toLowerCase().slice(0, 3);
  const month =
    name === undefined
      ? Number(groups["month"])
      : MONTHS.findIndex((candidate) => candidate.toLowerCase().startsWith(name)) + 1;
  const day = Number(groups["day"]);
  // A month beyond December is a day that stands first.
  const isDayFirst = name === undefined && month > 12;
  return { year: year < 100 ? year + 2000 : year, month: isDayFirst ? day : month, day: isDayFirst ? month : day };
}

type Clock = { readonly time: Omit<Fields, "year" | "month" | "day">; readonly offsetMinutes: number | undefined };

function clockFrom(rest: string, text: string): Clock {
  const groups: Groups | undefined = CLOCK.exec(rest)?.groups;
  if (groups === undefined) throw new DatetimeMismatch(`'${text}' is no datetime: '${rest}' is no time of day.`);
  const half = groups["half"]?.toLowerCase().charAt(0);
  const hour = Number(groups["hour"]);
  if (half !== undefined && hour > 12) throw new DatetimeMismatch(`'${text}' has an hour beyond 12 with AM or PM.`);
  return {
    time: {
      hour: half === undefined ? hour : (hour % 12) + (half === "p" ? 12 : 0),
      minute: Number(groups["minute"]),
      second: Number(groups["second"] ?? 0),
      microsecond: Number((groups["fraction"] ?? "").slice(0, 6).padEnd(6, "0")),
    },
    offsetMinutes: offsetFrom(groups["zone"]),
  };
}

function offsetFrom(zone: string | undefined): number | undefined {
  if (zone === undefined) return undefined;
  const match = /([+-])(\d\d):?(\d\d)?$/.exec(zone);
  if (match === null) return 0;
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0);
  if (minutes >= 24 * 60) throw new DatetimeMismatch(`The offset ${zone} is not within a day.`);
  return match[1] === "-" ? 0 - minutes : minutes;
}
