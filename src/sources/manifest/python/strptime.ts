import { daysFromDate, daysFromIsoWeek, fieldsOf, type Fields, MICROS_PER_DAY, weekdayOf } from "./calendar.ts";
import { DatetimeMismatch } from "./datetime-mismatch.ts";
import { allowDateFormat } from "./limits.ts";
import { PythonError } from "./python-error.ts";
import { MONTHS, WEEKDAYS } from "./strftime.ts";

/** What a text said: the clock's face, and the offset if the format has one. */
export interface Parsed {
  readonly fields: Fields;
  readonly offsetMinutes: number | undefined;
}

/** What each directive takes, from CPython's `_strptime.TimeRE` in the C locale. */
const TAKES: Readonly<Record<string, string>> = {
  a: names(WEEKDAYS.map((name) => name.slice(0, 3))),
  A: names(WEEKDAYS),
  b: names(MONTHS.map((name) => name.slice(0, 3))),
  B: names(MONTHS),
  d: "3[01]|[12]\\d|0[1-9]|[1-9]| [1-9]",
  f: "\\d{1,6}",
  G: "\\d{4}",
  H: "2[0-3]|[01]\\d|\\d",
  I: "1[0-2]|0[1-9]|[1-9]",
  j: "36[0-6]|3[0-5]\\d|[12]\\d\\d|0[1-9]\\d|00[1-9]|[1-9]\\d|0[1-9]|[1-9]",
  m: "1[0-2]|0[1-9]|[1-9]",
  M: "[0-5]\\d|\\d",
  p: "am|pm",
  S: "6[01]|[0-5]\\d|\\d",
  u: "[1-7]",
  U: "5[0-3]|[0-4]\\d|\\d",
  V: "5[0-3]|0[1-9]|[1-4]\\d|\\d",
  w: "[0-6]",
  W: "5[0-3]|[0-4]\\d|\\d",
  y: "\\d\\d",
  Y: "\\d{4}",
  z: "[+-]\\d\\d:?[0-5]\\d(?::?[0-5]\\d(?:\\.\\d{1,6})?)?|Z",
  Z: "utc|gmt",
};
const COMPOUND: Readonly<Record<string, string>> = { c: "%a %b %d %H:%M:%S %Y", x: "%m/%d/%y", X: "%H:%M:%S" };

interface Pattern {
  readonly regex: RegExp;
  readonly letters: readonly string[];
}

/** A manifest has a handful of formats, and each is asked for once a record. */
const MAX_PATTERNS = 500;
const patterns = new Map<string, Pattern>();

/** As Python's `datetime.strptime`. Throws a DatetimeMismatch. */
export function strptime(text: string, format: string): Parsed {
  const { regex, letters } = patternOf(format);
  const match = regex.exec(text);
  if (match === null) throw new DatetimeMismatch(`time data '${text}' does not match format '${format}'`);
  if (match[0].length < text.length) {
    throw new DatetimeMismatch(
      `time data '${text}' goes on after what format '${format}' takes: '${text.slice(match[0].length)}'`,
    );
  }
  const found = new Map(letters.map((letter, index) => [letter, match[index + 1] ?? ""]));
  try {
    return { fields: fieldsFrom(found), offsetMinutes: offsetFrom(found.get("z")) };
  } catch (error) {
    if (!(error instanceof PythonError)) throw error;
    throw new DatetimeMismatch(`time data '${text}' in format '${format}' is no date: ${error.message}`);
  }
}

function names(list: readonly string[]): string {
  return list.toSorted((left, right) => right.length - left.length).join("|");
}

function patternOf(format: string): Pattern {
  const known = patterns.get(format);
  if (known !== undefined) return known;
  allowDateFormat(format);
  const letters: string[] = [];
  const source = sourceOf(format, letters);
  const repeated = letters.find((letter, index) => letters.indexOf(letter) !== index);
  if (repeated !== undefined) throw new DatetimeMismatch(`format '${format}' has %${repeated} twice`);
  const pattern = { regex: new RegExp(`^${source}`, "i"), letters };
  if (patterns.size >= MAX_PATTERNS) patterns.clear();
  patterns.set(format, pattern);
  return pattern;
}

function sourceOf(format: string, letters: string[]): string {
  return format.replaceAll(/%(.?)|(\s+)|([\\.^$*+?(){}[\]|/])/gsu, (whole, letter?: string, space?: string) => {
    if (space !== undefined) return "\\s+";
    if (letter === undefined) return `\\${whole}`;
    if (letter === "%") return "%";
    const compound = COMPOUND[letter];
    if (compound !== undefined) return sourceOf(compound, letters);
    const takes = TAKES[letter];
    if (takes === undefined) throw new DatetimeMismatch(`'%${letter}' is no directive of format '${format}'`);
    letters.push(letter);
    return `(${takes})`;
  });
}

type Found = ReadonlyMap<string, string>;

function fieldsFrom(found: Found): Fields {
  const number = (letter: string) => (found.has(letter) ? Number(found.get(letter)) : undefined);
  const time = {
    hour: hourFrom(found),
    minute: number("M") ?? 0,
    second: number("S") ?? 0,
    microsecond: Number((found.get("f") ?? "").padEnd(6, "0")),
  };
  const year = yearFrom(found);
  const weekday = weekdayFrom(found);
  const isoYear = number("G");
  const isoWeek = number("V");
  refuseHalfWeeks(found, weekday);
  const dayOfYear = number("j");
  const month = number("m") ?? monthFrom(found) ?? 1;
  const day = number("d") ?? 1;
  if (dayOfYear !== undefined) return { ...dateOf(daysFromDate(year ?? 1900, 1, dayOfYear)), ...time };
  if (isoYear !== undefined && isoWeek !== undefined && weekday !== undefined) {
    return { ...dateOf(daysFromIsoWeek(isoYear, isoWeek, weekday + 1)), ...time };
  }
  const week = number("U") ?? number("W");
  if (week !== undefined && weekday !== undefined) {
    return { ...dateOf(daysFromWeek(year ?? 1900, week, weekday, found.has("W"))), ...time };
  }
  return { year: year ?? 1900, month, day, ...time };
}

function hourFrom(found: Found): number {
  const half = found.get("p")?.toLowerCase();
  const twelve = found.get("I");
  if (twelve === undefined) return Number(found.get("H") ?? 0);
  const hour = Number(twelve);
  if (half === "pm") return hour === 12 ? 12 : hour + 12;
  return half === "am" && hour === 12 ? 0 : half === undefined && hour === 12 ? 0 : hour;
}

function yearFrom(found: Found): number | undefined {
  const full = found.get("Y");
  if (full !== undefined) return Number(full);
  const short = found.get("y");
  if (short === undefined) return undefined;
  // POSIX: 69 to 99 are of the twentieth century.
  return Number(short) + (Number(short) <= 68 ? 2000 : 1900);
}

function monthFrom(found: Found): number | undefined {
  const name = (found.get("B") ?? found.get("b"))?.toLowerCase().slice(0, 3);
  if (name === undefined) return undefined;
  return MONTHS.findIndex((month) => month.toLowerCase().startsWith(name)) + 1;
}

/** Monday is 0. */
function weekdayFrom(found: Found): number | undefined {
  const name = (found.get("A") ?? found.get("a"))?.toLowerCase().slice(0, 3);
  if (name !== undefined) return WEEKDAYS.findIndex((weekday) => weekday.toLowerCase().startsWith(name));
  const fromSunday = found.get("w");
  if (fromSunday !== undefined) return (Number(fromSunday) + 6) % 7;
  const fromMonday = found.get("u");
  return fromMonday === undefined ? undefined : Number(fromMonday) - 1;
}

function refuseHalfWeeks(found: Found, weekday: number | undefined): void {
  if (found.has("G")) {
    if (found.has("j")) refuse("Day of the year directive '%j' is not compatible with ISO year directive '%G'.");
    if (!found.has("V") || weekday === undefined) {
      refuse("ISO year directive '%G' must be used with '%V' and a weekday directive ('%A', '%a', '%w' or '%u').");
    }
  } else if (found.has("V")) {
    refuse("ISO week directive '%V' must be used with ISO year directive '%G' and a weekday directive.");
  }
}

function daysFromWeek(year: number, week: number, weekday: number, fromMonday: boolean): number {
  const first = daysFromDate(year, 1, 1);
  const firstWeekday = fromMonday ? weekdayOf(first) : (weekdayOf(first) + 1) % 7;
  const position = fromMonday ? weekday : (weekday + 1) % 7;
  const weekZero = (7 - firstWeekday) % 7;
  if (week === 0) return first + position - firstWeekday;
  return first + weekZero + 7 * (week - 1) + position;
}

function dateOf(days: number): Pick<Fields, "year" | "month" | "day"> {
  const { year, month, day } = fieldsOf(BigInt(days) * MICROS_PER_DAY);
  return { year, month, day };
}

function offsetFrom(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (text === "Z") return 0;
  if (text === "z") throw new DatetimeMismatch("the zone must be an offset or 'Z'");
  const [hours = "0", minutes = "0", seconds = "0"] = text.slice(1).replaceAll(":", "").match(/\d\d/g) ?? [];
  if (/^.\d\d:\d{3}|^.\d{4}:/.test(text)) throw new DatetimeMismatch(`Inconsistent use of : in ${text}`);
  const total = Number(hours) * 60 + Number(minutes) + Number(seconds) / 60;
  if (total >= 24 * 60) throw new DatetimeMismatch(`the offset ${text} is not within a day`);
  return text.startsWith("-") ? -total : total;
}

function refuse(message: string): never {
  throw new DatetimeMismatch(message);
}
