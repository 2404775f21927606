import type { ObjectPlace } from "./object-place.ts";

/** Times that the platform tries an alarm that failed; the pause doubles from two seconds on (Cloudflare's docs). */
const ALARM_RETRIES = 6;
const FIRST_RETRY_MS = 2_000;

/**
 * What the platform does about an alarm that failed. One that was set meanwhile takes the place of the next try.
 *
 * @param failures of this alarm, before this one
 * @returns those that count for the next one
 */
export function tryAlarmAgain(place: ObjectPlace, now: number, failures: number): number {
  if (place.alarmAt !== null || failures + 1 > ALARM_RETRIES) return 0;
  place.retryAlarm(now + FIRST_RETRY_MS * 2 ** failures);
  return failures + 1;
}
