/**
 * How long after a failed attempt the next one comes: the schedule of Standard Webhooks. The first attempt is made at
 * once; the message is given up after the last, 27 hours and a half later.
 */
const RETRY_AFTER_MS: readonly number[] = [
  5_000,
  5 * 60_000,
  30 * 60_000,
  2 * 3_600_000,
  5 * 3_600_000,
  10 * 3_600_000,
  10 * 3_600_000,
];

/** Spreads what failed at one moment over a tenth of the pause more, so that it does not all come back at once. */
const JITTER = 0.1;

/** A receiver may ask for a pause of a day; what asks for more would have the message outlive its welcome. */
const RETRY_AFTER_CAP_MS = 86_400_000;

/** Attempts in all. */
export const ATTEMPTS = RETRY_AFTER_MS.length + 1;

export interface FailedAttempt {
  /** Attempts made, this one included. */
  readonly attempts: number;
  readonly now: number;
  /** Between 0 and 1. */
  readonly random: number;
  /** When the receiver asked to be called again, in epoch milliseconds; null where it did not. */
  readonly retryAt: number | null;
}

/** When to try again, in epoch milliseconds; null to give the message up. */
export function nextAttemptAt({ attempts, now, random, retryAt }: FailedAttempt): number | null {
  const pause = RETRY_AFTER_MS[attempts - 1];
  if (pause === undefined) return null;
  const scheduled = now + Math.round(pause * (1 + JITTER * random));
  return retryAt === null ? scheduled : Math.max(scheduled, Math.min(retryAt, now + RETRY_AFTER_CAP_MS));
}

/**
 * Does a message that failed this often hold back the later ones of its job? Only until its first retry: an event that
 * its receiver never takes must not keep the others from it for a day.
 */
export function holdsBackLater(attempts: number): boolean {
  return attempts === 1;
}

/** How a receiver has been answering: what decides how many requests it may have under way. */
export type Pace = "quick" | "unknown" | "slow";

/** An answer that takes longer makes its receiver a slow one. */
const QUICK_MS = 2_000;

export function paceAfter(isSuccess: boolean, durationMs: number): Pace {
  return isSuccess && durationMs <= QUICK_MS ? "quick" : "slow";
}

/** Of the six requests that may wait for an answer at a time (a limit of the platform), one is left for other things. */
export const LANES = 5;

/** Requests that receivers of this pace may have under way: each, and all of them together. */
const SHARES: Record<Pace, { readonly each: number; readonly all: number }> = {
  quick: { each: 3, all: LANES },
  unknown: { each: 1, all: LANES },
  // Whoever hangs or fails takes two lanes at most, however many do.
  slow: { each: 1, all: 2 },
};

export interface Traffic {
  /** Requests under way: to this receiver, to all of its pace, and to all. */
  readonly own: number;
  readonly samePace: number;
  readonly total: number;
}

export function mayDeliver(pace: Pace, { own, samePace, total }: Traffic): boolean {
  const { each, all } = SHARES[pace];
  return own < each && samePace < all && total < LANES;
}
