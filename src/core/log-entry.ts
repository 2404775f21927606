import { z } from "zod";

/**
 * What an entry of a job's log tells.
 *
 * - `started`, `planned`: it began; its streams are known.
 * - `rate_limited`, `retrying`, `waiting`: nothing more before `until`, and why.
 * - `resumed`: it goes on, after waiting, after its object died, or with other credentials.
 * - `restarted`: the source lost its place in a stream, which is read from its beginning again; or the config was
 *   changed, and all are.
 * - `entity_refused`: an entity can't be stored.
 * - `stream_read`: read to its end, with entities to be deleted later. `stream_finished`, `stream_failed`: its end.
 * - `deletes_held_back`: suspiciously many entities are gone, so none was deleted.
 * - `completed`, `failed`, `cancelled`: the end.
 */
export const logEntryTypeSchema = z.enum([
  "started",
  "planned",
  "rate_limited",
  "retrying",
  "waiting",
  "resumed",
  "restarted",
  "entity_refused",
  "stream_read",
  "stream_finished",
  "stream_failed",
  "deletes_held_back",
  "completed",
  "failed",
  "cancelled",
]);
export type LogEntryType = z.infer<typeof logEntryTypeSchema>;

export const logEntrySchema = z.object({
  /** Epoch milliseconds. */
  at: z.number(),
  type: logEntryTypeSchema,
  /** Null where the entry is about the job as a whole. */
  stream: z.string().nullable(),
  /** A sentence for people. */
  message: z.string(),
  /** When it goes on, where it waits. Epoch milliseconds. */
  until: z.number().nullable(),
});
/** What happened in a job, for people. */
export type LogEntry = z.infer<typeof logEntrySchema>;

export type LogLevel = "info" | "warning" | "error";

const LEVELS: Readonly<Record<LogEntryType, LogLevel>> = {
  started: "info",
  planned: "info",
  rate_limited: "warning",
  retrying: "warning",
  waiting: "info",
  resumed: "info",
  restarted: "warning",
  entity_refused: "warning",
  stream_read: "info",
  stream_finished: "info",
  stream_failed: "error",
  deletes_held_back: "error",
  completed: "info",
  failed: "error",
  cancelled: "info",
};

export function levelOf(type: LogEntryType): LogLevel {
  return LEVELS[type];
}

/** A source that has nothing to give for a moment is no news: a job may wait so thousands of times. */
export const TOLD_WAIT_MS = 1_000;

/** Tells how a job ended: told whatever else had to be left out. */
export function isEnding(type: LogEntryType): boolean {
  return type === "completed" || type === "failed" || type === "cancelled" || type === "deletes_held_back";
}
