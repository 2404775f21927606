/** A UTC offset as `+05:30`, with the seconds where there are some. */
export function offsetText(offsetMinutes: number, separator: ":" | ""): string {
  const total = Math.round(Math.abs(offsetMinutes) * 60);
  const parts = [Math.floor(total / 3600), Math.floor(total / 60) % 60];
  if (total % 60 !== 0) parts.push(total % 60);
  return (offsetMinutes < 0 ? "-" : "+") + parts.map((part) => String(part).padStart(2, "0")).join(separator);
}

/** The name of a zone that has only an offset, as Python's `timezone` calls it. */
export function zoneNameOf(offsetMinutes: number): string {
  return offsetMinutes === 0 ? "UTC" : `UTC${offsetText(offsetMinutes, ":")}`;
}
