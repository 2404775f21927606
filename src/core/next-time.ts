import { Cron as Croner } from "croner";

import { parseCron } from "./cron.ts";
import { WallClock } from "./wall-time.ts";

/**
 * When a cron expression is due next in a time zone, strictly after `afterMs`.
 *
 * Where clocks go forward, a time that does not exist is due when they have; where they go back, a time that comes
 * twice is due at the first. What repeats by `*` or a step keeps its rhythm instead: it leaves out what does not exist
 * and is due in both of the doubled hours. That is what Vixie cron does.
 *
 * @returns epoch milliseconds; null for one that never comes, or that can't be read
 */
export function nextTime(cronText: string, timeZone: string, afterMs: number): number | null {
  const parsed = parseCron(cronText);
  if ("problem" in parsed || !isTimeZone(timeZone)) return null;
  const { fields } = parsed.cron;
  const pattern = fields.join(" ");
  if (isFixed(fields)) return nextFixedTime(pattern, WallClock.in(timeZone), afterMs);
  const cron = new Croner(pattern, { timezone: timeZone, mode: "5-part", fixedTimeRule: "no-wildcard" });
  return cron.nextRun(new Date(afterMs))?.getTime() ?? null;
}

/** Is it due at certain times of the day, rather than in a rhythm? */
function isFixed([minute, hour]: readonly [string, string, ...string[]]): boolean {
  return !/[*/]/.test(minute + hour);
}

/** Found on the wall, where no time comes twice and none is missing, and then looked for in the time zone. */
function nextFixedTime(pattern: string, clock: WallClock, afterMs: number): number | null {
  const cron = new Croner(pattern, { timezone: "UTC", mode: "5-part" });
  let wall: Date | null = new Date(clock.at(afterMs));
  while (wall !== null) {
    wall = cron.nextRun(wall);
    const instant = wall === null ? null : clock.firstInstantOf(wall.getTime());
    // In the second of two equal hours, what comes next on the wall was in the first.
    if (instant !== null && instant > afterMs) return instant;
  }
  return null;
}

/** Names that were found to be some. To find out takes longer than all else that a due time does. */
const known = new Set<string>();
/** There are fewer than 600, but each may be written in capitals or not. */
const KNOWN_LIMIT = 1_000;

/** Is this a name of the IANA time zone database? Offsets such as +02:00 are not: they know no summer time. */
export function isTimeZone(name: string): boolean {
  if (known.has(name)) return true;
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    void new Intl.DateTimeFormat("en", { timeZone: name });
    if (known.size < KNOWN_LIMIT) known.add(name);
    return true;
  } catch {
    return false;
  }
}

/** What a clock in the time zone shows at an instant. */
export function clockAt(epochMs: number, timeZone: string): { readonly hour: number; readonly minute: number } {
  const format = new Intl.DateTimeFormat("en", { timeZone, hour: "numeric", minute: "numeric", hourCycle: "h23" });
  const parts = format.formatToParts(epochMs);
  const part = (type: "hour" | "minute") => Number(parts.find((each) => each.type === type)?.value);
  return { hour: part("hour"), minute: part("minute") };
}
