import { countsText } from "./counts-text.ts";
import type { Rejection } from "./job.ts";
import { TOLD_WAIT_MS, type LogEntry, type LogEntryType } from "./log-entry.ts";
import { isPassBegun, type ActiveStream, type StreamProgress } from "./stream-state.ts";

/** What the log has to tell of a stream that one commit took from `before` to `after`. Mostly nothing. */
export function streamEntries(before: ActiveStream, after: ActiveStream, now: number): LogEntry[] {
  const entry = (type: LogEntryType, message: string, until: number | null = null): LogEntry => {
    return { at: now, type, stream: after.name, message, until };
  };
  const [was, is] = [before.progress, after.progress];
  if (is.restarts > was.restarts) {
    return [entry("restarted", "The source lost its place, so the stream is read from its beginning again.")];
  }
  const refused = is.rejections.slice(was.rejections.length).map((rejection) => {
    return entry("entity_refused", refusalText(rejection));
  });
  return [...refused, ...pauseOf(was, is, now, entry), ...endOf(before, after, entry)];
}

/** A stream is read on with other credentials: one that is half read, or whose source refused the ones before. */
export function readOnEntry({ name, progress }: ActiveStream, now: number): LogEntry {
  const deletes = isPassBegun(progress) ? " What is gone is not deleted in this sync: the next full one finds it." : "";
  const message = `The connection has new credentials, and the stream is read on with them.${deletes}`;
  return { at: now, type: "resumed", stream: name, message, until: null };
}

type MakeEntry = (type: LogEntryType, message: string, until?: number | null) => LogEntry;

function refusalText({ id, reason }: Rejection): string {
  return id === null ? `An entity is not stored: ${reason}` : `Entity ${JSON.stringify(id)} is not stored: ${reason}`;
}

function pauseOf(was: StreamProgress, is: StreamProgress, now: number, entry: MakeEntry): LogEntry[] {
  if (is.phase !== "reading" || is.retryAt === null) return [];
  const reason = is.reason ?? "";
  if (is.attempts > was.attempts) {
    return [entry(is.reasonKind === "rate_limit" ? "rate_limited" : "retrying", reason, is.retryAt)];
  }
  const isLong = is.retryAt - now >= TOLD_WAIT_MS;
  return is.pages > was.pages && isLong ? [entry("waiting", reason, is.retryAt)] : [];
}

function endOf(before: ActiveStream, after: ActiveStream, entry: MakeEntry): LogEntry[] {
  const [was, is] = [before.progress, after.progress];
  if (is.phase === was.phase) return [];
  const counts = countsText(is.counts);
  switch (is.phase) {
    case "reading":
      return [];
    case "read": {
      const gone = after.count - is.seen;
      const rest = `${gone} that the source no longer has ${gone === 1 ? "is" : "are"} to be deleted once every stream is read`;
      return [entry("stream_read", `Read to its end: ${counts}; ${rest}.`)];
    }
    case "done":
      return [entry("stream_finished", `Finished: ${counts}.`)];
    case "failed":
      return [entry("stream_failed", is.failure?.message ?? "The stream failed.")];
  }
}
