import { malformed, type Verdict } from "./delivery.ts";

/** How far a delivery's time may be from ours. Standard Webhooks, Stripe and Slack all say five minutes. */
const TOLERANCE_MS = 300_000;

const MS_PER_SECOND = 1_000;

/** Unix seconds in decimal digits, as milliseconds; null for anything else. */
export function fromUnixSeconds(text: string): number | null {
  return /^\d{1,12}$/.test(text) ? Number(text) * MS_PER_SECOND : null;
}

/** Null where a delivery's time is close enough to now, else why it is refused. */
export function untimely(sentAt: number, now: number, toleranceMs: number = TOLERANCE_MS): Verdict | null {
  const ageMs = now - sentAt;
  if (Math.abs(ageMs) <= toleranceMs) return null;
  const seconds = Math.round(Math.abs(ageMs) / MS_PER_SECOND);
  const where = ageMs > 0 ? "old" : "in the future";
  return malformed(
    `The delivery's timestamp is ${seconds} s ${where}; at most ${toleranceMs / MS_PER_SECOND} s are accepted. It may be a replay, or a clock is wrong.`,
  );
}
