import { z } from "zod";

import {
  fieldsOf,
  MICROS_PER_DAY,
  MICROS_PER_SECOND,
  MIDNIGHT,
  splitDay,
  weekdayOf,
} from "#sources/manifest/python/calendar";
import type { Duration } from "#sources/manifest/python/duration";
import { type Instant, instantAt, instantFromFields, wallMicros } from "#sources/manifest/python/instant";
import { text } from "#sources/manifest/text";

/** Moves window boundaries to those of calendar periods, on the clock of the instant's own offset. */
export interface Clamping {
  /** To the next beginning of a period; stays where it is one. */
  up(instant: Instant): Instant;
  /** To the beginning of the period. */
  down(instant: Instant): Instant;
  /** How far before a period's beginning the one before ends, where the cursor has no granularity. */
  readonly granularity: Duration;
}

const WEEKDAYS = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"] as const;

export const clampingFields = z.object({
  target: text,
  target_details: z.object({ weekday: z.enum(WEEKDAYS).optional() }).nullish(),
});

const micros = (count: bigint): Duration => ({ years: 0, months: 0, micros: count });

/** Null where there is no such period: `target` is DAY, WEEK (with a weekday) or MONTH. */
export function clampingTo(target: string, weekday: (typeof WEEKDAYS)[number] | undefined): Clamping | null {
  if (target === "DAY") return { up: nextDay, down: midnight, granularity: micros(MICROS_PER_SECOND) };
  if (target === "MONTH") return { up: nextMonth, down: thisMonth, granularity: micros(MICROS_PER_DAY) };
  if (target !== "WEEK" || weekday === undefined) return null;
  const first = WEEKDAYS.indexOf(weekday);
  return {
    up: (instant) => addDays(midnight(instant), daysUntil(instant, first)),
    down: (instant) => {
      const days = daysUntil(instant, first);
      return addDays(midnight(instant), days === 0 ? 0 : days - 7);
    },
    granularity: micros(MICROS_PER_DAY),
  };
}

function midnight(instant: Instant): Instant {
  return instantFromFields({ ...fieldsOf(wallMicros(instant)), ...MIDNIGHT }, instant.offsetMinutes);
}

function nextDay(instant: Instant): Instant {
  const floor = midnight(instant);
  return floor.epochMicros === instant.epochMicros ? floor : addDays(floor, 1);
}

function thisMonth(instant: Instant): Instant {
  return instantFromFields({ ...fieldsOf(wallMicros(instant)), ...MIDNIGHT, day: 1 }, instant.offsetMinutes);
}

/** On a month's first day the time of day does not count, as in the Airbyte CDK: it belongs to the month before. */
function nextMonth(instant: Instant): Instant {
  const fields = { ...fieldsOf(wallMicros(instant)), ...MIDNIGHT };
  if (fields.day === 1) return instantFromFields(fields, instant.offsetMinutes);
  const isDecember = fields.month === 12;
  const next = { ...fields, day: 1, month: (fields.month % 12) + 1, year: fields.year + (isDecember ? 1 : 0) };
  return instantFromFields(next, instant.offsetMinutes);
}

function daysUntil(instant: Instant, weekday: number): number {
  return (weekday - weekdayOf(splitDay(wallMicros(instant)).days) + 7) % 7;
}

function addDays({ epochMicros, offsetMinutes }: Instant, days: number): Instant {
  return instantAt(epochMicros + BigInt(days) * MICROS_PER_DAY, offsetMinutes);
}
