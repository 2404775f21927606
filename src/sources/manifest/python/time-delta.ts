import { MICROS_PER_DAY, splitDay } from "./calendar.ts";
import type { Duration } from "./duration.ts";
import { Hashable } from "./hash-key.ts";
import { PythonError } from "./python-error.ts";

/** Python's limit: 999,999,999 days. */
const MAX_MICROS = 1_000_000_000n * MICROS_PER_DAY;

/** A length of time without months, as Python's `timedelta`. */
export class TimeDelta extends Hashable {
  readonly typeName = "datetime.timedelta";
  readonly micros: bigint;

  constructor(micros: bigint) {
    super();
    if (micros >= MAX_MICROS || micros <= -MAX_MICROS) {
      throw new PythonError("OverflowError", "A length of time must be shorter than 1,000,000,000 days.");
    }
    this.micros = micros;
  }

  override get hashKey(): string {
    return `d${this.micros}`;
  }

  /** Whole days, rounded down; then seconds and microseconds that are never negative. */
  get parts(): { readonly days: number; readonly seconds: number; readonly microseconds: number } {
    const { days, rest } = splitDay(this.micros);
    return { days, seconds: Math.floor(rest / 1e6), microseconds: rest % 1e6 };
  }

  override toString(): string {
    const { days, seconds, microseconds } = this.parts;
    const clock = `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
    const fraction = microseconds === 0 ? "" : `.${String(microseconds).padStart(6, "0")}`;
    return (days === 0 ? "" : `${days} day${Math.abs(days) === 1 ? "" : "s"}, `) + clock + fraction;
  }

  toRepr(): string {
    const named = Object.entries(this.parts).filter(([, value]) => value !== 0);
    return `datetime.timedelta(${named.map(([name, value]) => `${name}=${value}`).join(", ") || "0"})`;
  }
}

/** A length of time with months, as isodate's `Duration`. */
export class CalendarDuration extends Hashable {
  readonly typeName = "Duration";
  readonly duration: Duration;

  constructor(duration: Duration) {
    super();
    this.duration = duration;
  }

  override get hashKey(): string {
    const { years, months, micros } = this.duration;
    return years === 0 && months === 0 ? `d${micros}` : `D${years * 12 + months}:${micros}`;
  }

  override toString(): string {
    const { years, months, micros } = this.duration;
    const parts = [];
    if (years !== 0) parts.push(`${Math.trunc(years)} years`);
    if (months !== 0) parts.push(`${Math.trunc(months)} month${months <= 1 ? "" : "s"}`);
    return [...parts, new TimeDelta(micros).toString()].join(", ");
  }

  toRepr(): string {
    const { years, months, micros } = this.duration;
    const { days, seconds, microseconds } = new TimeDelta(micros).parts;
    const calendar = `years=${Math.trunc(years)}, months=${Math.trunc(months)}`;
    return `isodate.duration.Duration(${days}, ${seconds}, ${microseconds}, ${calendar})`;
  }
}

/** A duration as Python has it: a `timedelta` unless it has months. */
export function durationValue(duration: Duration): TimeDelta | CalendarDuration {
  const hasMonths = duration.years !== 0 || duration.months !== 0;
  return hasMonths ? new CalendarDuration(duration) : new TimeDelta(duration.micros);
}

/** The other way round. */
export function durationOf(value: TimeDelta | CalendarDuration): Duration {
  return value instanceof TimeDelta ? { years: 0, months: 0, micros: value.micros } : value.duration;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
