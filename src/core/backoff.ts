/** First step of the backoff: long enough for a hiccup, short enough to go unnoticed. */
const BASE_MS = 1_000;
/** Longest pause between two attempts: an upstream that is back is noticed within five minutes. */
const CAP_MS = 300_000;
/** Shortest pause, so that a small random number does not make a hot loop. */
const FLOOR_MS = 250;

/**
 * Full-jitter backoff: a random time between nothing and an exponentially growing limit.
 *
 * @param attempts failures in a row so far, this one included (1 or more)
 * @param random between 0 (inclusive) and 1 (exclusive)
 * @returns milliseconds to wait
 */
export function backoffMs(attempts: number, random: number, capMs: number = CAP_MS): number {
  const limit = Math.min(capMs, BASE_MS * 2 ** Math.min(attempts, 30));
  return Math.max(FLOOR_MS, Math.round(random * limit));
}
