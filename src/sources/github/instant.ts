import { isJsonObject } from "#core/json";

/**
 * A moment as GitHub writes it, to the second: `2024-05-01T12:00:00Z`. Two of them compare as text.
 */
export type Instant = string;

/** When a record was last changed; null where it does not say. */
export function updatedAt(record: unknown): Instant | null {
  const value = isJsonObject(record) ? record["updated_at"] : null;
  const milliseconds = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(milliseconds) ? null : toInstant(milliseconds);
}

export function plusSeconds(instant: Instant, seconds: number): Instant {
  return toInstant(Date.parse(instant) + seconds * 1000);
}

/** The latest of several, null where there is none. */
export function latest(instants: Iterable<Instant | null>): Instant | null {
  let found: Instant | null = null;
  for (const instant of instants) if (instant !== null && (found === null || instant > found)) found = instant;
  return found;
}

/** The earliest of several, null where there is none. */
export function earliest(instants: Iterable<Instant | null>): Instant | null {
  let found: Instant | null = null;
  for (const instant of instants) if (instant !== null && (found === null || instant < found)) found = instant;
  return found;
}

function toInstant(milliseconds: number): Instant {
  return `${new Date(milliseconds).toISOString().slice(0, "2024-05-01T12:00:00".length)}Z`;
}
