import { z } from "zod";

const lineSchema = z.looseObject({ event: z.string(), status: z.unknown().optional() });

/** Events of the log that tell of something that went wrong in Sluice, and not in a source. */
const FAULTS: ReadonlySet<string> = new Set([
  "unexpected_error",
  "delivery_failed",
  "publish_failed",
  "subscription_disabled",
  "watchdog_ran",
]);

/**
 * From now on what the Worker logs of faults is also printed as an error: it is run with a log level that leaves out
 * everything else, since a line printed for each request would be measured with it.
 */
export function makeFaultsLoud(): void {
  const log = console.log.bind(console);
  console.log = (...said: unknown[]) => {
    log(...said);
    if (said.some(isFault)) console.error(...said);
  };
}

export function isFault(said: unknown): boolean {
  // Most lines are of none, and need not be parsed.
  if (typeof said !== "string" || !MAY_BE_FAULT.test(said)) return false;
  const { data: line } = lineSchema.safeParse(parsed(said));
  if (line === undefined) return false;
  return FAULTS.has(line.event) || (typeof line.status === "number" && line.status >= 500);
}

const MAY_BE_FAULT = new RegExp(`"(?:${[...FAULTS].join("|")})"|"status":5`);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
