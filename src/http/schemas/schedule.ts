import { z } from "@hono/zod-openapi";

import type { ConnectionSnapshot } from "#core/connection";
import { CRON_MACROS, parseCron } from "#core/cron";
import { isTimeZone } from "#core/next-time";
import { timestampOrNull } from "#http/timestamp";

/** No time zone's name is half as long. */
const MAX_ZONE_LENGTH = 64;
/** Room for a list of every minute. */
const MAX_CRON_LENGTH = 255;

/** What expressions look like; a document can't tell more of it in a pattern that people can read. */
const CRON_PATTERN = String.raw`^[ \t]*(${CRON_MACROS.join("|")}|[0-9A-Za-z*,/-]+([ \t]+[0-9A-Za-z*,/-]+){4})[ \t]*$`;

export const cron = z
  .string()
  .max(MAX_CRON_LENGTH)
  .transform((text) => text.trim())
  .superRefine((text, context) => {
    const parsed = parseCron(text);
    if ("problem" in parsed) context.addIssue({ code: "custom", message: parsed.problem });
  })
  .openapi({ type: "string", maxLength: MAX_CRON_LENGTH, pattern: CRON_PATTERN });

export const timezone = z
  .string()
  .max(MAX_ZONE_LENGTH)
  .refine(isTimeZone, "Unknown time zone: use a name of the IANA database, such as Europe/Berlin or UTC");

export const scheduleInputSchema = z
  .object({
    cron: cron.nullish().openapi({
      description: "Five fields, names allowed, or @hourly, @daily, @weekly, @monthly, @yearly. Null: no schedule.",
      example: "0 6 * * *",
    }),
    timezone: timezone.nullish().openapi({
      description: "What the cron expressions are in. Default UTC.",
      example: "Europe/Berlin",
    }),
    full_sync_cron: cron.nullish().openapi({
      description:
        "When everything is read, whatever the cursors. Absent: daily, for a continuous source that runs all day; otherwise, and with null, never.",
      example: "0 3 * * SUN",
    }),
    continuous: z.boolean().default(false).openapi({ description: "Without a `cron`: every five minutes." }),
    cursor_field: z.string().max(255).nullish(),
  })
  .refine((input) => input.cron !== undefined || input.continuous || isEmpty(input), {
    path: ["cron"],
    message: "Field required: `timezone` and `full_sync_cron` go with a cron expression; null removes the schedule",
  })
  .openapi("ScheduleInput");
export type ScheduleInput = z.infer<typeof scheduleInputSchema>;

function isEmpty(input: { readonly timezone?: unknown; readonly full_sync_cron?: unknown }): boolean {
  return typeof input.timezone !== "string" && typeof input.full_sync_cron !== "string";
}

const time = z.iso.datetime();

export const scheduleBodySchema = z
  .object({
    cron: z.string().nullable(),
    next_run: time.nullable().openapi({
      description: "When the next job starts, within the minute. Null while the schedule is paused.",
    }),
    continuous: z.boolean(),
    cursor_field: z.string().nullable(),
    cursor_value: z.null(),
    timezone: z.string(),
    full_sync_cron: z.string().nullable(),
    next_full_run: time.nullable(),
    paused: z.boolean(),
    paused_reason: z.enum(["requested", "needs_reauth"]).nullable().openapi({
      description:
        "`requested`: by `is_paused`, which resumes it too. `needs_reauth`: the credentials were refused; new ones resume it.",
    }),
    last_skipped_at: time.nullable().openapi({ description: "When a run last fell out because a job was active." }),
    skipped_count: z.int(),
  })
  .openapi("Schedule");

export type ScheduleBody = z.infer<typeof scheduleBodySchema>;

export function scheduleBody({
  schedule,
  plan,
  status,
  isPaused,
}: Pick<ConnectionSnapshot, "schedule" | "plan" | "status" | "isPaused">): ScheduleBody | null {
  if (schedule === null) return null;
  const reason = isPaused ? "requested" : status === "needs_reauth" ? status : null;
  return {
    cron: schedule.cron,
    next_run: timestampOrNull(plan.nextRunAt),
    continuous: schedule.continuous,
    cursor_field: schedule.cursor_field,
    cursor_value: null,
    timezone: schedule.timezone,
    full_sync_cron: schedule.full_sync_cron,
    next_full_run: timestampOrNull(plan.nextFullAt),
    paused: reason !== null,
    paused_reason: reason,
    last_skipped_at: timestampOrNull(plan.lastSkippedAt),
    skipped_count: plan.skippedCount,
  };
}
