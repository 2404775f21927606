import { z } from "@hono/zod-openapi";

import type { JobLogPage } from "#connection/rpc";
import { levelOf, logEntryTypeSchema, type LogEntry } from "#core/log-entry";
import { timestamp, timestampOrNull } from "#http/timestamp";

export const logEntryBodySchema = z
  .object({
    number: z.int().min(1).openapi({ description: "Counts the entries of the job." }),
    at: z.iso.datetime(),
    level: z.enum(["info", "warning", "error"]),
    type: logEntryTypeSchema,
    stream: z.string().nullable().openapi({ description: "Null where it is about the job as a whole." }),
    message: z.string(),
    until: z.iso.datetime().nullable().openapi({ description: "When the job goes on, where it waits." }),
  })
  .openapi("SyncJobLogEntry");

export const jobLogSchema = z
  .object({
    entries: z.array(logEntryBodySchema),
    next_cursor: z.string().openapi({ description: "Always there: ask with it for what comes later." }),
    has_more: z.boolean(),
    entries_dropped: z.int().min(0).openapi({ description: "Entries beyond the 500 that are kept of a job." }),
    is_kept: z
      .boolean()
      .openapi({ description: "False for all but the connection's last 20 jobs: their log is gone." }),
  })
  .openapi("SyncJobLog");

export type JobLogBody = z.infer<typeof jobLogSchema>;

export function logEntryBody({ at, type, stream, message, until }: LogEntry, number: number) {
  const times = { at: timestamp(at), until: timestampOrNull(until) };
  return { number, at: times.at, level: levelOf(type), type, stream, message, until: times.until };
}

export function jobLogBody({ entries, next, nextCursor, hasMore, dropped, isKept }: JobLogPage): JobLogBody {
  const first = next - entries.length + 1;
  return {
    entries: entries.map((entry, index) => logEntryBody(entry, first + index)),
    next_cursor: nextCursor,
    has_more: hasMore,
    entries_dropped: dropped,
    is_kept: isKept,
  };
}
