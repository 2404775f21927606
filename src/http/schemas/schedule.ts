import { z } from "@hono/zod-openapi";

import type { Schedule } from "#core/connection";

const CRON_FIELD =
  /^(?:\*|[0-9A-Za-z]+(?:-[0-9A-Za-z]+)?)(?:\/[1-9]\d*)?(?:,(?:\*|[0-9A-Za-z]+(?:-[0-9A-Za-z]+)?)(?:\/[1-9]\d*)?)*$/;
const CRON_FIELDS = 5;

function looksLikeCron(text: string): boolean {
  const fields = text.trim().split(/\s+/);
  return fields.length === CRON_FIELDS && fields.every((field) => CRON_FIELD.test(field));
}

export const scheduleInputSchema = z
  .object({
    cron: z
      .string()
      .max(100)
      .refine(looksLikeCron, "Invalid CRON expression: five fields are expected, such as `0 6 * * *`")
      .nullish()
      .openapi({ example: "0 6 * * *" }),
    continuous: z.boolean().default(false),
    cursor_field: z.string().max(255).nullish(),
  })
  .openapi("ScheduleInput", {
    description: "Kept and shown. Schedules do not start jobs yet: start them with `run`.",
  });

export const scheduleBodySchema = z
  .object({
    cron: z.string().nullable(),
    next_run: z.iso.datetime().nullable().openapi({ description: "Null: schedules do not start jobs yet." }),
    continuous: z.boolean(),
    cursor_field: z.string().nullable(),
    cursor_value: z.null(),
  })
  .openapi("Schedule");

export type ScheduleBody = z.infer<typeof scheduleBodySchema>;

/** No schedule, and one without a cron expression, mean the same: none. */
export function scheduleOf(input: z.infer<typeof scheduleInputSchema> | null): Schedule | null {
  if (input === null || typeof input.cron !== "string") return null;
  return { cron: input.cron.trim(), continuous: input.continuous, cursor_field: input.cursor_field ?? null };
}

export function scheduleBody(schedule: Schedule | null): ScheduleBody | null {
  return schedule === null ? null : { ...schedule, next_run: null, cursor_value: null };
}
