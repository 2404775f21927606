import { PythonError, valueError } from "./python-error.ts";

export const MICROS_PER_SECOND = 1_000_000n;
export const MICROS_PER_DAY = 86_400n * MICROS_PER_SECOND;

/** Python's dates go from year 1 to year 9999. */
const FIRST_DAY = daysFromDate(1, 1, 1);
const LAST_DAY = daysFromDate(9999, 12, 31);

/** A date and a time on the clock's face, without a zone. */
export interface Fields {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  /** 1 to 31. */
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly microsecond: number;
}

export const MIDNIGHT = { hour: 0, minute: 0, second: 0, microsecond: 0 };

export function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Days since 1970-01-01 in the proleptic Gregorian calendar; months and days beyond their range carry over. */
export function daysFromDate(year: number, month: number, day: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return Math.round(date.getTime() / 86_400_000);
}

/** Monday is 0. */
export function weekdayOf(days: number): number {
  return (((days + 3) % 7) + 7) % 7;
}

/** Microseconds since 1970-01-01 on the same clock. Throws a ValueError at fields out of their range. */
export function microsOf(fields: Fields): bigint {
  const { year, month, day, hour, minute, second, microsecond } = fields;
  allowRange("year", year, 1, 9999);
  allowRange("month", month, 1, 12);
  allowRange("day", day, 1, daysInMonth(year, month));
  allowRange("hour", hour, 0, 23);
  allowRange("minute", minute, 0, 59);
  allowRange("second", second, 0, 59);
  allowRange("microsecond", microsecond, 0, 999_999);
  const seconds = daysFromDate(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
  return BigInt(seconds) * MICROS_PER_SECOND + BigInt(microsecond);
}

function allowRange(name: string, value: number, low: number, high: number): void {
  if (value < low || value > high) throw valueError(`${name} ${value} is out of range: it must be in ${low}..${high}`);
}

/** Days since 1970-01-01, and the microseconds into that day. */
export function splitDay(micros: bigint): { readonly days: number; readonly rest: number } {
  const rest = ((micros % MICROS_PER_DAY) + MICROS_PER_DAY) % MICROS_PER_DAY;
  return { days: Number((micros - rest) / MICROS_PER_DAY), rest: Number(rest) };
}

/** The inverse of `microsOf`. Throws an OverflowError before year 1 and after year 9999. */
export function fieldsOf(micros: bigint): Fields {
  const { days, rest } = splitDay(micros);
  if (days < FIRST_DAY || days > LAST_DAY) throw new PythonError("OverflowError", "date value out of range");
  const date = new Date(days * 86_400_000);
  const seconds = Math.floor(rest / 1e6);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: Math.floor(seconds / 3600),
    minute: Math.floor(seconds / 60) % 60,
    second: seconds % 60,
    microsecond: rest % 1e6,
  };
}

/** The ISO year and week, and the weekday from Monday as 1. */
export function isoCalendar(days: number): { readonly year: number; readonly week: number; readonly weekday: number } {
  const weekday = weekdayOf(days) + 1;
  const thursday = days - weekday + 4;
  const year = new Date(thursday * 86_400_000).getUTCFullYear();
  return { year, week: Math.floor((thursday - daysFromDate(year, 1, 1)) / 7) + 1, weekday };
}

/** The day that an ISO year, week and weekday (Monday is 1) name. */
export function daysFromIsoWeek(year: number, week: number, weekday: number): number {
  const fourth = daysFromDate(year, 1, 4);
  return fourth - weekdayOf(fourth) + (week - 1) * 7 + weekday - 1;
}
