import { WallClock } from "#core/wall-time";
import { PythonError } from "#sources/manifest/python/python-error";

/**
 * What a clock in a time zone of the IANA database shows, in microseconds since 1970, at a moment in epoch milliseconds.
 * Throws a KeyError at a zone that does not exist.
 */
export function zonedMicros(moment: number, timezone: string): bigint {
  return BigInt(clockIn(timezone).at(moment)) * 1000n;
}

function clockIn(timezone: string): WallClock {
  try {
    return WallClock.in(timezone);
  } catch {
    throw new PythonError("KeyError", `'${timezone}' is no time zone of the IANA database, such as 'Europe/Berlin'.`);
  }
}
