import { Cron as Croner } from "croner";

import { parseCron } from "./cron.ts";

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
  const cron = new Croner(parsed.cron.fields.join(" "), {
    timezone: timeZone,
    mode: "5-part",
    fixedTimeRule: "no-wildcard",
  });
  return cron.nextRun(new Date(afterMs))?.getTime() ?? null;
}

/** Is this a name of the IANA time zone database? Offsets such as +02:00 are not: they know no summer time. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    void new Intl.DateTimeFormat("en", { timeZone: name });
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
