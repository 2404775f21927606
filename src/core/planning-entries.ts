import type { FailureKind } from "./failure.ts";
import type { LogEntry } from "./log-entry.ts";

/** Names that are written out; more would not be read. */
const NAMED = 20;

/** The streams of a job are known. */
export function plannedEntry(streams: readonly { readonly name: string }[], now: number): LogEntry {
  const names = streams.slice(0, NAMED).map(({ name }) => name);
  const more = streams.length > NAMED ? `, and ${streams.length - NAMED} more` : "";
  const message = streams.length === 0 ? "There are no streams to read." : `Reads ${names.join(", ")}${more}.`;
  return { at: now, type: "planned", stream: null, message, until: null };
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
