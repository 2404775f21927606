import { countsText } from "./counts-text.ts";
import { isTerminal, type Job, type Trigger } from "./job.ts";
import { TOLD_WAIT_MS, type LogEntry, type LogEntryType } from "./log-entry.ts";

const STARTED_BY: Readonly<Record<Trigger, string>> = {
  manual: "on request",
  schedule: "by its schedule",
  webhook: "by a webhook",
  create: "with its connection",
};

/** What the log has to tell of a job that went from `before` to `after`, the next version of it. */
export function jobEntries(before: Job, after: Job, now: number): LogEntry[] {
  const entry = (type: LogEntryType, message: string, stream: string | null = null): LogEntry => {
    return { at: now, type, stream, message, until: null };
  };
  if (isTerminal(after.status)) {
    if (isTerminal(before.status)) return [];
    const held = after.failures.filter(({ category }) => category === "deletes_held_back");
    return [...held.map(({ stream, message }) => entry("deletes_held_back", message, stream)), ending(after, entry)];
  }
  if (after.status !== "RUNNING" || !after.isAtWork) return [];
  if (before.status === "PENDING") {
    return [entry("started", `Started ${STARTED_BY[after.trigger]}: ${modeText(after)}.`)];
  }
  if (before.isAtWork) {
    return [entry("resumed", "Goes on after an interruption, from the last page that was committed.")];
  }
  if (before.waiting === null || now - (before.waiting.since ?? 0) < TOLD_WAIT_MS) return [];
  return [entry("resumed", `Goes on after waiting. ${before.waiting.reason}`)];
}

function modeText({ mode, forcedFull }: Job): string {
  if (mode === "incremental") return "reads what has changed since the last sync";
  return forcedFull ? "reads everything, as was asked for" : "reads everything";
}

function ending(job: Job, entry: (type: LogEntryType, message: string) => LogEntry): LogEntry {
  const counts = countsText(job.counts);
  if (job.status === "COMPLETED") return entry("completed", `Completed: ${counts}.`);
  if (job.status === "CANCELLED") return entry("cancelled", `Cancelled. What was committed is kept: ${counts}.`);
  return entry("failed", `Failed, with what was committed kept: ${counts}. ${job.error ?? ""}`.trimEnd());
}
