import { fieldsOf } from "./calendar.ts";
import { DatetimeMismatch } from "./datetime-mismatch.ts";
import { type Instant, instantAt, instantFromFields, timestampOf, wallMicros } from "./instant.ts";
import { floatText, parseFloatText, parseInteger } from "./number-text.ts";
import { asDouble } from "./number.ts";
import { zoneNameOf } from "./offset-text.ts";
import { PythonError } from "./python-error.ts";
import { strftime } from "./strftime.ts";
import { strptime } from "./strptime.ts";

/** Formats that count from 1970 instead of describing a date, and the microseconds in one of their units. */
const COUNTS: Readonly<Record<string, bigint>> = {
  "%s": 1_000_000n,
  "%ms": 1000n,
  "%epoch_microseconds": 1n,
};

/**
 * Reads a datetime in a format of the Airbyte CDK's `DatetimeParser`: strptime's directives, `%_ms` for milliseconds, or
 * one of the counts `%s`, `%s_as_float`, `%ms` and `%epoch_microseconds`. Without an offset it is UTC. Throws a
 * DatetimeMismatch.
 */
export function parseDatetime(text: string | number, format: string): Instant {
  try {
    const unit = COUNTS[format];
    if (unit !== undefined) return instantAt(wholeNumber(text) * unit);
    if (format === "%s_as_float") return instantAt(microsFromSeconds(floatFrom(text)));
    const { fields, offsetMinutes } = strptime(String(text), format.replaceAll("%_ms", "%f"));
    return instantFromFields(fields, offsetMinutes ?? 0);
  } catch (error) {
    if (!(error instanceof PythonError) || error instanceof DatetimeMismatch) throw error;
    throw new DatetimeMismatch(`time data '${text}' does not match format '${format}': ${error.message}`);
  }
}

function wholeNumber(text: string | number): bigint {
  if (typeof text === "number") {
    if (!Number.isFinite(text)) throw new DatetimeMismatch(`${text} is no point in time.`);
    return BigInt(Math.trunc(text));
  }
  const value = parseInteger(text);
  return typeof value === "bigint" ? value : BigInt(Number(value));
}

function floatFrom(text: string | number): number {
  return typeof text === "number" ? text : (asDouble(parseFloatText(text)) ?? Number.NaN);
}

/** To the nearest microsecond, halves to the even one, as Python's `fromtimestamp`. */
export function microsFromSeconds(seconds: number): bigint {
  if (!Number.isFinite(seconds)) throw new DatetimeMismatch(`${seconds} is no point in time.`);
  const whole = Math.floor(seconds);
  const micros = (seconds - whole) * 1e6;
  const below = Math.floor(micros);
  const rest = micros - below;
  const isUp = rest > 0.5 || (rest === 0.5 && below % 2 === 1);
  return BigInt(whole) * 1_000_000n + BigInt(isUp ? below + 1 : below);
}

/** Writes an instant, in its own offset, in a format of the Airbyte CDK's `DatetimeParser`; see `parseDatetime`. */
export function formatDatetime(instant: Instant, format: string, zoneName?: string): string {
  const seconds = timestampOf(instant);
  // The counts go through a double as the CDK's do.
  if (format === "%s") return String(Math.trunc(seconds) + 0);
  if (format === "%s_as_float") return floatText(seconds);
  if (format === "%epoch_microseconds") return String(Math.trunc(seconds * 1_000_000) + 0);
  if (format === "%ms") return String(Math.trunc(seconds * 1000) + 0);
  const fields = fieldsOf(wallMicros(instant));
  const { offsetMinutes } = instant;
  const zone = { offsetMinutes, name: zoneName ?? zoneNameOf(offsetMinutes) };
  if (!format.includes("%_ms")) return strftime(fields, format, zone);
  const millis = String(Math.floor(fields.microsecond / 1000)).padStart(3, "0");
  return strftime(fields, format.replaceAll("%_ms", millis), zone);
}
