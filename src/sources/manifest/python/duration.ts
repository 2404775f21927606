import { daysInMonth, fieldsOf, microsOf, MICROS_PER_DAY, MICROS_PER_SECOND } from "./calendar.ts";
import { type Instant, instantAt, offsetMicros, wallMicros } from "./instant.ts";
import { valueError } from "./python-error.ts";

/** A length of time: calendar months, whose length depends on where they start, and microseconds. */
export interface Duration {
  /** May have a fraction, as `P0.5Y` does, but no instant can be moved by one that has. */
  readonly years: number;
  readonly months: number;
  readonly micros: bigint;
}

const PERIOD =
  /^(?<sign>[+-])?P(?=[\dT])(?:(?<years>\d+(?:[,.]\d+)?)Y)?(?:(?<months>\d+(?:[,.]\d+)?)M)?(?:(?<weeks>\d+(?:[,.]\d+)?)W)?(?:(?<days>\d+(?:[,.]\d+)?)D)?(?:T(?:(?<hours>\d+(?:[,.]\d+)?)H)?(?:(?<minutes>\d+(?:[,.]\d+)?)M)?(?:(?<seconds>\d+(?:[,.]\d+)?)S)?)?$/;

/** The form of ISO 8601 that looks like a date: `P0001-02-03T04:05:06`, with or without the separators. */
const ALTERNATIVE = /^P(\d{4})(-?)(\d\d)\2(\d\d)T(\d\d)(:?)(\d\d)\6(\d\d)$/;

const UNITS: Readonly<Record<string, bigint>> = {
  seconds: MICROS_PER_SECOND,
  minutes: 60n * MICROS_PER_SECOND,
  hours: 3600n * MICROS_PER_SECOND,
  days: MICROS_PER_DAY,
  weeks: 7n * MICROS_PER_DAY,
};

/** Reads an ISO 8601 duration such as `P1M` or `PT0.000001S`, as Python's `isodate` does. Throws a ValueError. */
export function parseDuration(text: string): Duration {
  const groups = PERIOD.exec(text)?.groups;
  if (groups === undefined) return parseAlternative(text);
  const sign = groups["sign"] === "-" ? -1 : 1;
  const micros = sumOfUnits(groups);
  const number = (unit: string) => sign * Number((groups[unit] ?? "0").replace(",", ".")) + 0;
  return { years: number("years"), months: number("months"), micros: BigInt(sign) * micros };
}

function parseAlternative(text: string): Duration {
  const match = ALTERNATIVE.exec(text);
  if (match === null) {
    throw valueError(`'${text}' is not an ISO 8601 duration: expected one such as P1D, P1M, PT1H or PT0.001S.`);
  }
  const [years = 0, months = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = [1, 3, 4, 5, 7, 8].map((group) =>
    Number(match[group]),
  );
  const total = days * 86_400 + hours * 3600 + minutes * 60 + seconds;
  return { years, months, micros: BigInt(total) * MICROS_PER_SECOND };
}

/**
 * The microseconds of amounts in their units, as timedelta adds them up: fractions are doubles, and what is left below a
 * microsecond is rounded at the end, a half to the even one.
 */
function sumOfUnits(groups: Readonly<Record<string, string | undefined>>): bigint {
  let micros = 0n;
  let rest = 0;
  for (const [unit, length] of Object.entries(UNITS)) {
    const amount = Number((groups[unit] ?? "0").replace(",", "."));
    if (!Number.isFinite(amount)) throw valueError(`A duration of ${groups[unit]} ${unit} is too long.`);
    const whole = Math.trunc(amount);
    const fraction = (amount - whole) * Number(length);
    micros += BigInt(whole) * length + BigInt(Math.trunc(fraction));
    rest += fraction - Math.trunc(fraction);
  }
  const below = Math.floor(rest);
  const isTie = rest - below === 0.5;
  const isEven = (micros + BigInt(below)) % 2n === 0n;
  return micros + BigInt(isTie ? (isEven ? below : below + 1) : Math.round(rest));
}

/** Months first, to the end of the month where it has no such day; then the rest. Throws outside years 1 to 9999. */
export function addDuration(instant: Instant, duration: Duration): Instant {
  const { offsetMinutes } = instant;
  const wall = addToWall(wallMicros(instant), duration);
  return instantAt(wall - offsetMicros(offsetMinutes), offsetMinutes);
}

export function subtractDuration(instant: Instant, duration: Duration): Instant {
  return addDuration(instant, negateDuration(duration));
}

export function negateDuration({ years, months, micros }: Duration): Duration {
  return { years: 0 - years, months: 0 - months, micros: -micros };
}

/** Moves what a clock shows, in microseconds since 1970, by a duration. */
export function addToWall(wall: bigint, { years, months, micros }: Duration): bigint {
  if (years === 0 && months === 0) return wall + micros;
  if (!Number.isInteger(years) || !Number.isInteger(months)) {
    throw valueError("fractional years or months not supported for date calculations");
  }
  const fields = fieldsOf(wall);
  const total = fields.year * 12 + (fields.month - 1) + years * 12 + months;
  const year = Math.floor(total / 12);
  const month = (total % 12) + 1;
  if (year < 1 || year > 9999) throw valueError(`year ${year} is out of range: it must be in 1..9999`);
  const day = Math.min(fields.day, daysInMonth(year, month));
  return microsOf({ ...fields, year, month, day }) + micros;
}
