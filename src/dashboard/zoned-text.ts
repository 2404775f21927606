/** `Mon, 16 Mar 2026, 06:00 CET`, on a clock of the time zone; on one of UTC where there is no such zone. */
export function zonedText(epochMs: number, timeZone: string): string {
  return formatOf(timeZone).format(epochMs);
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const parts = {
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    timeZoneName: "short",
  } as const;
  try {
    return new Intl.DateTimeFormat("en-GB", { ...parts, timeZone });
  } catch {
    return new Intl.DateTimeFormat("en-GB", { ...parts, timeZone: "UTC" });
  }
}
