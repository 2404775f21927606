import { Refused } from "#core/errors";
import type { Schedule } from "#core/schedule";
import { CONTINUOUS_CRON, defaultFullSyncCron, defaultSchedule, isAtMostHourly } from "#core/schedule-terms";
import type { Source } from "#sources/source";
import type { ScheduleInput } from "./schemas/schedule.ts";

/**
 * The schedule that a caller asks for. No schedule, and one without a cron expression, mean the same: none; absent
 * means what suits the source. Refuses what the source can't keep up with.
 *
 * @param createdAt epoch milliseconds, of the connection: default times of day follow it
 */
export function completeSchedule(
  source: Source,
  input: ScheduleInput | null | undefined,
  createdAt: number,
): Schedule | null {
  if (input === undefined) return defaultSchedule(source.continuous, createdAt);
  const cron = input?.cron === undefined && input?.continuous === true ? CONTINUOUS_CRON : input?.cron;
  if (input === null || typeof cron !== "string") return null;
  const timezone = input.timezone ?? "UTC";
  const byDefault = source.continuous ? defaultFullSyncCron(cron, timezone, createdAt) : null;
  const schedule: Schedule = {
    cron,
    timezone,
    full_sync_cron: input.full_sync_cron === undefined ? byDefault : input.full_sync_cron,
    continuous: input.continuous,
    cursor_field: input.cursor_field ?? null,
  };
  if (source.continuous || isAtMostHourly(schedule)) return schedule;
  const message = `Source '${source.shortName}' does not support continuous syncs. Minimum interval is 1 hour.`;
  throw new Refused({ code: "source_refused", message });
}
