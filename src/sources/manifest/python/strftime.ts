import { daysFromDate, type Fields, isoCalendar, weekdayOf } from "./calendar.ts";
import { allowDateFormat, allowTextLength } from "./limits.ts";
import { offsetText } from "./offset-text.ts";

/** The zone of a datetime, for `%z` and `%Z`; none for one that has no zone. */
export interface ShownZone {
  readonly offsetMinutes: number;
  readonly name: string;
}

export const WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
export const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

/** A directive: flags and a width (both GNU's), a modifier that the C locale ignores, and the letter. */
const DIRECTIVE = /%([-_0^#]*)(\d{0,4})[EO]?(.)/gsu;

interface Padding {
  readonly with: string;
  readonly width: number;
}

const ZEROS: Readonly<Record<string, number>> = {
  d: 2,
  g: 2,
  H: 2,
  I: 2,
  j: 3,
  m: 2,
  M: 2,
  S: 2,
  U: 2,
  V: 2,
  W: 2,
  y: 2,
};
const SPACES: Readonly<Record<string, number>> = { e: 2, k: 2, l: 2 };

/** As Python's `strftime` on Linux in the C locale; a directive that nobody knows stays as it is. */
export function strftime(fields: Fields, format: string, zone?: ShownZone): string {
  allowDateFormat(format);
  const text = format.replaceAll(DIRECTIVE, (whole, flags: string, width: string, letter: string) => {
    const shown = directive(letter, fields, zone);
    if (shown === undefined) return whole;
    const padding = paddingOf(letter, flags, width);
    const padded = shown.padStart(padding.width, padding.with);
    return flags.includes("^") ? padded.toUpperCase() : flags.includes("#") ? swapped(letter, padded) : padded;
  });
  allowTextLength(text.length);
  return text;
}

function paddingOf(letter: string, flags: string, width: string): Padding {
  const zeros = ZEROS[letter];
  const spaces = SPACES[letter];
  const usual = zeros ?? spaces ?? 0;
  const flag = Array.from(flags).findLast((candidate) => "-_0".includes(candidate));
  if (flag === "-") return { with: " ", width: 0 };
  const isNumber = zeros !== undefined || letter === "Y" || letter === "s";
  const fill = flag === "0" || (flag !== "_" && isNumber) ? "0" : " ";
  return { with: fill, width: Math.max(usual, Number(width)) };
}

function swapped(letter: string, text: string): string {
  return letter === "Z" || letter === "p" ? text.toLowerCase() : text.toUpperCase();
}

function directive(letter: string, fields: Fields, zone: ShownZone | undefined): string | undefined {
  const { year, month, day, hour, minute, second, microsecond } = fields;
  const days = daysFromDate(year, month, day);
  const weekday = weekdayOf(days);
  const inner = (format: string) => strftime(fields, format, zone);
  switch (letter) {
    case "a":
      return WEEKDAYS[weekday]?.slice(0, 3);
    case "A":
      return WEEKDAYS[weekday];
    case "b":
    case "h":
      return MONTHS[month - 1]?.slice(0, 3);
    case "B":
      return MONTHS[month - 1];
    case "c":
      return inner("%a %b %e %H:%M:%S %Y");
    case "C":
      return String(Math.floor(year / 100));
    case "d":
    case "e":
      return String(day);
    case "D":
    case "x":
      return inner("%m/%d/%y");
    case "f":
      return String(microsecond).padStart(6, "0");
    case "F":
      return inner("%Y-%m-%d");
    case "g":
      return String(isoCalendar(days).year % 100);
    case "G":
      return String(isoCalendar(days).year);
    case "H":
    case "k":
      return String(hour);
    case "I":
    case "l":
      return String(hour % 12 === 0 ? 12 : hour % 12);
    case "j":
      return String(dayOfYear(days, year) + 1);
    case "m":
      return String(month);
    case "M":
      return String(minute);
    case "n":
      return "\n";
    case "p":
      return hour < 12 ? "AM" : "PM";
    case "P":
      return hour < 12 ? "am" : "pm";
    case "r":
      return inner("%I:%M:%S %p");
    case "R":
      return inner("%H:%M");
    case "s":
      return String(days * 86_400 + hour * 3600 + minute * 60 + second);
    case "S":
      return String(second);
    case "t":
      return "\t";
    case "T":
    case "X":
      return inner("%H:%M:%S");
    case "u":
      return String(weekday + 1);
    case "U":
      return String(Math.floor((dayOfYear(days, year) + 7 - ((weekday + 1) % 7)) / 7));
    case "V":
      return String(isoCalendar(days).week);
    case "w":
      return String((weekday + 1) % 7);
    case "W":
      return String(Math.floor((dayOfYear(days, year) + 7 - weekday) / 7));
    case "y":
      return String(year % 100);
    case "Y":
      return String(year);
    case "z":
      return zone === undefined ? "" : offsetText(zone.offsetMinutes, "");
    case "Z":
      return zone?.name ?? "";
    case "%":
      return "%";
    default:
      return undefined;
  }
}

function dayOfYear(days: number, year: number): number {
  return days - daysFromDate(year, 1, 1);
}
