import { fieldsOf, type Fields, microsOf, MICROS_PER_SECOND } from "./calendar.ts";

/** A point in time, and the UTC offset in which it is shown. */
export interface Instant {
  /** Microseconds since 1970-01-01T00:00:00Z. */
  readonly epochMicros: bigint;
  /** East of UTC; with a fraction where the offset has seconds. */
  readonly offsetMinutes: number;
}

export function instantAt(epochMicros: bigint, offsetMinutes = 0): Instant {
  // Python has no time before year 1 or after year 9999; nor has an instant.
  fieldsOf(epochMicros + offsetMicros(offsetMinutes));
  return { epochMicros, offsetMinutes };
}

export function instantFromFields(fields: Fields, offsetMinutes: number): Instant {
  return { epochMicros: microsOf(fields) - offsetMicros(offsetMinutes), offsetMinutes };
}

export function instantFromMillis(epochMillis: number): Instant {
  return instantAt(BigInt(Math.trunc(epochMillis)) * 1000n);
}

/** What a clock in the instant's offset shows. */
export function wallMicros({ epochMicros, offsetMinutes }: Instant): bigint {
  return epochMicros + offsetMicros(offsetMinutes);
}

/** Negative where `left` is earlier, 0 where both are the same point in time, whatever their offsets. */
export function compareInstants(left: Instant, right: Instant): number {
  if (left.epochMicros === right.epochMicros) return 0;
  return left.epochMicros < right.epochMicros ? -1 : 1;
}

export function isBefore(left: Instant, right: Instant): boolean {
  return left.epochMicros < right.epochMicros;
}

export function offsetMicros(offsetMinutes: number): bigint {
  return BigInt(Math.round(offsetMinutes * 60)) * MICROS_PER_SECOND;
}

/** Seconds since 1970 as a double, as Python's `timestamp()`. */
export function timestampOf({ epochMicros }: Instant): number {
  return Number(epochMicros) / 1e6;
}
