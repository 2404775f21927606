import { z } from "zod";

import { firstDue, nextDue, type Spread } from "./jitter.ts";
import type { SyncMode } from "./job.ts";

/** The keys are those of the API, as they have always been stored. */
export const scheduleSchema = z.object({
  cron: z.string().nullable(),
  /** An IANA name. */
  timezone: z.string().default("UTC"),
  /** When everything is read, whatever the cursors; null for never. */
  full_sync_cron: z.string().nullable().default(null),
  continuous: z.boolean(),
  cursor_field: z.string().nullable(),
});
/** When a connection's jobs start by themselves. */
export type Schedule = z.infer<typeof scheduleSchema>;

export const planSchema = z.object({
  /** Epoch milliseconds, like every `…At`; null while there is nothing to come. */
  nextRunAt: z.number().nullable(),
  nextFullAt: z.number().nullable(),
  /** The due time that was acted on last: a second call for it does nothing. */
  handledDueAt: z.number().nullable(),
  /** When a run last fell out because a job was active, and how many have. */
  lastSkippedAt: z.number().nullable(),
  skippedCount: z.number(),
});
/** Where a schedule stands. */
export type Plan = z.infer<typeof planSchema>;

export const NO_PLAN: Plan = {
  nextRunAt: null,
  nextFullAt: null,
  handledDueAt: null,
  lastSkippedAt: null,
  skippedCount: 0,
};

/** The clocks of a Worker and an object differ by less: a due time that far ahead has come. */
const CLOCK_SKEW_MS = 5_000;

/** When the sweep should come by; null for never. */
export function nextDueAt({ nextRunAt, nextFullAt }: Plan): number | null {
  if (nextRunAt === null || nextFullAt === null) return nextRunAt ?? nextFullAt;
  return Math.min(nextRunAt, nextFullAt);
}

/** The plan with due times where they are missing, or, for a schedule that is paused or gone, with none. */
export function settled(plan: Plan, schedule: Schedule | null, isPaused: boolean, now: number, spread: Spread): Plan {
  if (schedule === null || isPaused) return forgotten(plan);
  const { cron, full_sync_cron: fullCron, timezone } = schedule;
  return {
    ...plan,
    nextRunAt: cron === null ? null : (plan.nextRunAt ?? firstDue({ cron, timezone }, now, spread)),
    nextFullAt: fullCron === null ? null : (plan.nextFullAt ?? firstDue({ cron: fullCron, timezone }, now, spread)),
  };
}

/** The plan without its due times: they belong to a schedule that does not count any more. */
export function forgotten(plan: Plan): Plan {
  return { ...plan, nextRunAt: null, nextFullAt: null };
}

/** Do both mean the same times? */
export function isSameSchedule(one: Schedule | null, other: Schedule | null): boolean {
  if (one === null || other === null) return one === other;
  return one.cron === other.cron && one.timezone === other.timezone && one.full_sync_cron === other.full_sync_cron;
}

export interface Firing {
  /** The due time that the caller knows of. */
  readonly dueAt: number;
  readonly now: number;
  /** How the active job reads; null where none is active. */
  readonly activeMode: SyncMode | null;
  readonly spread: Spread;
}

/**
 * What a call for a due time leads to. `queue_full`: one full sync after the active job, so that a connection that is
 * always busy still gets one. `repeated`: this due time has been dealt with. `not_due`: the caller is wrong.
 */
export type Verdict = "start" | "start_full" | "queue_full" | "skip" | "repeated" | "not_due";

/**
 * Decides what happens at a due time, and when the next one is. However many have passed, they are one; and both
 * rhythms due at once are one full sync.
 */
export function fire(plan: Plan, schedule: Schedule, firing: Firing): { verdict: Verdict; plan: Plan } {
  const { dueAt, now, activeMode, spread } = firing;
  const at = dueAt > now && dueAt <= now + CLOCK_SKEW_MS ? dueAt : now;
  const isRunDue = isDue(plan.nextRunAt, at);
  const isFullDue = isDue(plan.nextFullAt, at);
  if (!isRunDue && !isFullDue) return { verdict: plan.handledDueAt === dueAt ? "repeated" : "not_due", plan };
  const { timezone } = schedule;
  const after = (cron: string | null) => (cron === null ? null : nextDue({ cron, timezone }, at, spread));
  const advanced: Plan = {
    ...plan,
    nextRunAt: isRunDue ? after(schedule.cron) : plan.nextRunAt,
    nextFullAt: isFullDue ? after(schedule.full_sync_cron) : plan.nextFullAt,
    handledDueAt: dueAt,
  };
  if (activeMode === null) return { verdict: isFullDue ? "start_full" : "start", plan: advanced };
  if (isFullDue && activeMode === "incremental") return { verdict: "queue_full", plan: advanced };
  return { verdict: "skip", plan: { ...advanced, lastSkippedAt: now, skippedCount: plan.skippedCount + 1 } };
}

function isDue(dueAt: number | null, at: number): boolean {
  return dueAt !== null && dueAt <= at;
}
