/**
 * A wait between `seconds` and `seconds + 2 * range`, as the CDK draws it. The milliseconds of the clock stand in for
 * chance: those who failed together did not fail in the same one.
 *
 * @returns milliseconds
 */
export function withJitter(seconds: number, range: number | null | undefined, now: number): number {
  const spread = ((Math.trunc(now) % 1000) / 1000) * 2 * (range ?? 0);
  return (seconds + spread) * 1000;
}
