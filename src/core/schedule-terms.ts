import { parseCron } from "./cron.ts";
import { clockAt } from "./next-time.ts";
import type { Schedule } from "./schedule.ts";

/** What a continuous source gets that is given no schedule; as Airweave documents it. */
export const CONTINUOUS_CRON = "*/5 * * * *";

const HALF_A_DAY_MS = 12 * 3_600_000;
const MINUTES_AN_HOUR = 60;
const MINUTES_A_DAY = 1_440;

/** The schedule of a connection that was given none: every few minutes from a cursor, or else daily at this minute. */
export function defaultSchedule(isContinuous: boolean, createdAt: number): Schedule {
  const timezone = "UTC";
  const cron = isContinuous ? CONTINUOUS_CRON : dailyAt(createdAt, timezone);
  const full_sync_cron = isContinuous ? defaultFullSyncCron(cron, timezone, createdAt) : null;
  return { cron, timezone, full_sync_cron, continuous: false, cursor_field: null };
}

/**
 * The full syncs of a continuous source that runs at least hourly, all day and every day: once a day, half a day away
 * from the time of its creation. Reading from cursors alone can't see what a source without tombstones has deleted.
 */
export function defaultFullSyncCron(cron: string, timezone: string, createdAt: number): string | null {
  const parsed = parseCron(cron);
  const isAllDay = "cron" in parsed && parsed.cron.fields.slice(1).every((field) => field === "*");
  return isAllDay ? dailyAt(createdAt + HALF_A_DAY_MS, timezone) : null;
}

/**
 * May a source that reads everything in each run keep this schedule? At least an hour lies between any two runs. The
 * two crons are looked at as if both applied every day: that they fall on different days all year is not worth proving.
 */
export function isAtMostHourly({ cron, full_sync_cron }: Pick<Schedule, "cron" | "full_sync_cron">): boolean {
  const times = [cron, full_sync_cron].flatMap((text) => (text === null ? [] : minutesOfDay(text)));
  const sorted = [...new Set(times)].toSorted((a, b) => a - b);
  const [first = 0] = sorted;
  const next = [...sorted.slice(1), first + MINUTES_A_DAY];
  return sorted.every((time, index) => (next[index] ?? 0) - time >= MINUTES_AN_HOUR);
}

function minutesOfDay(text: string): number[] {
  const parsed = parseCron(text);
  if ("problem" in parsed) return [];
  const { hours, minutes } = parsed.cron;
  return hours.flatMap((hour) => minutes.map((minute) => hour * MINUTES_AN_HOUR + minute));
}

function dailyAt(epochMs: number, timezone: string): string {
  const { hour, minute } = clockAt(epochMs, timezone);
  return `${minute} ${hour} * * *`;
}
