import type { FailureKind } from "./failure.ts";
import type { LogEntry } from "./log-entry.ts";

/** Names that are written out; more would not be read. */
const NAMED = 20;

/** The streams of a job are known; `continued` go on where an earlier job had to leave off. */
export function plannedEntry(streams: readonly string[], continued: readonly string[], now: number): LogEntry {
  const goesOn = continued.length === 0 ? "" : ` Goes on where an earlier sync left off: ${listed(continued)}.`;
  const message = streams.length === 0 ? "There are no streams to read." : `Reads ${listed(streams)}.${goesOn}`;
  return { at: now, type: "planned", stream: null, message, until: null };
}

/** The config was changed under a job that was reading. */
export function replannedEntry(now: number): LogEntry {
  const message = "The connection's config was changed, so everything is read from its beginning again.";
  return { at: now, type: "restarted", stream: null, message, until: null };
}

function listed(names: readonly string[]): string {
  const more = names.length > NAMED ? `, and ${names.length - NAMED} more` : "";
  return `${names.slice(0, NAMED).join(", ")}${more}`;
}

/** The streams of a job could not be listed, and will be asked for again. */
export function postponedEntry(
  planning: {
    readonly retryAt: number | null;
    readonly reason: string | null;
    readonly reasonKind?: FailureKind | null | undefined;
  },
  now: number,
): LogEntry {
  const type = planning.reasonKind === "rate_limit" ? "rate_limited" : "retrying";
  return { at: now, type, stream: null, message: planning.reason ?? "", until: planning.retryAt };
}
