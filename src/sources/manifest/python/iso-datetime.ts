import {
  daysFromDate,
  daysFromIsoWeek,
  fieldsOf,
  type Fields,
  isLeapYear,
  microsOf,
  MICROS_PER_DAY,
  MIDNIGHT,
} from "./calendar.ts";
import { valueError } from "./python-error.ts";
import type { Parsed } from "./strptime.ts";

/** A year, or a month: they take no time. */
const INCOMPLETE = /^(?<year>\d{4})(?:-(?<month>\d\d))?$/;

/** A date, any single character, and a time; with separators in both or either. */
const SHAPE =
  /^(?:(?<year>\d{4})(?:-(?<month>\d\d)-(?<day>\d\d)|(?<packedMonth>\d\d)(?<packedDay>\d\d))|(?<weekYear>\d{4})(?<dash>-?)W(?<week>\d\d)(?:\k<dash>(?<weekday>\d))?|(?<ordinalYear>\d{4})-?(?<ordinal>\d{3}))(?:[\s\S](?<time>[\s\S]+))?$/;

const TIME =
  /^(?<hour>\d\d)(?:(?<colon>:?)(?<minute>\d\d)(?:\k<colon>(?<second>\d\d)(?:[.,](?<fraction>\d+))?)?)?(?<zone>[Zz]|[+-].*)?$/;

const OFFSET = /^[+-](?<hours>\d\d)(?::?(?<minutes>\d\d))?$/;

/** Reads an ISO 8601 date or datetime as Python's `dateutil.parser.isoparse` does. Throws a ValueError. */
export function parseIsoDatetime(text: string): Parsed {
  const groups: Groups | undefined = (INCOMPLETE.exec(text) ?? SHAPE.exec(text))?.groups;
  if (groups === undefined) throw failure(text);
  const date = dateFrom(groups, text);
  const { time } = groups;
  if (time === undefined) return { fields: { ...date, ...MIDNIGHT }, offsetMinutes: undefined };
  return withTime(date, time, text);
}

function failure(text: string): Error {
  return valueError(`'${text}' is not an ISO 8601 date or datetime, such as 2024-01-31 or 2024-01-31T12:00:00Z.`);
}

type Groups = Readonly<Record<string, string | undefined>>;

function dateFrom(groups: Groups, text: string): Pick<Fields, "year" | "month" | "day"> {
  const number = (name: string, fallback: number) => (groups[name] === undefined ? fallback : Number(groups[name]));
  if (groups["weekYear"] !== undefined) {
    const week = number("week", 0);
    const weekday = number("weekday", 1);
    if (week < 1 || week > 53 || weekday < 1 || weekday > 7) throw failure(text);
    return dayOf(daysFromIsoWeek(number("weekYear", 1), week, weekday));
  }
  if (groups["ordinalYear"] !== undefined) {
    const year = number("ordinalYear", 1);
    const ordinal = number("ordinal", 0);
    if (ordinal < 1 || ordinal > (isLeapYear(year) ? 366 : 365)) throw failure(text);
    return dayOf(daysFromDate(year, 1, ordinal));
  }
  const month = number("month", number("packedMonth", 1));
  return { year: number("year", 1), month, day: number("day", number("packedDay", 1)) };
}

function dayOf(days: number): Pick<Fields, "year" | "month" | "day"> {
  const { year, month, day } = fieldsOf(BigInt(days) * MICROS_PER_DAY);
  return { year, month, day };
}

function withTime(date: Pick<Fields, "year" | "month" | "day">, time: string, text: string): Parsed {
  const groups: Groups | undefined = TIME.exec(time)?.groups;
  if (groups === undefined) throw failure(text);
  const number = (name: string) => Number(groups[name] ?? 0);
  const microsecond = Number((groups["fraction"] ?? "").slice(0, 6).padEnd(6, "0"));
  const clock = { hour: number("hour"), minute: number("minute"), second: number("second"), microsecond };
  const offsetMinutes = offsetFrom(groups["zone"], text);
  if (clock.hour !== 24) return { fields: { ...date, ...clock }, offsetMinutes };
  if (clock.minute + clock.second + microsecond > 0) throw failure(text);
  const nextDay = fieldsOf(microsOf({ ...date, ...MIDNIGHT }) + MICROS_PER_DAY);
  return { fields: nextDay, offsetMinutes };
}

function offsetFrom(zone: string | undefined, text: string): number | undefined {
  if (zone === undefined) return undefined;
  if (zone === "Z" || zone === "z") return 0;
  const groups: Groups | undefined = OFFSET.exec(zone)?.groups;
  const hours = Number(groups?.["hours"]);
  const minutes = Number(groups?.["minutes"] ?? 0);
  if (groups === undefined || hours > 23 || minutes > 59) throw failure(text);
  return (zone.startsWith("-") ? -1 : 1) * (hours * 60 + minutes) + 0;
}
