import { microsOf } from "#sources/manifest/python/calendar";
import { PythonError } from "#sources/manifest/python/python-error";

/**
 * What a clock in a time zone of the IANA database shows, in microseconds since 1970, at a moment in epoch milliseconds.
 * Throws a KeyError at a zone that does not exist.
 */
export function zonedMicros(moment: number, timezone: string): bigint {
  const parts = new Map(
    formatter(timezone)
      .formatToParts(moment)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
  return microsOf({
    year: part("year"),
    month: part("month"),
    day: part("day"),
    hour: part("hour"),
    minute: part("minute"),
    second: part("second"),
    microsecond: 0,
  });
}

function formatter(timezone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat("en-u-ca-iso8601-hc-h23", {
      timeZone: timezone,
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch {
    throw new PythonError("KeyError", `'${timezone}' is no time zone of the IANA database, such as 'Europe/Berlin'.`);
  }
}
