import type { Call } from "./call-rate-policy.ts";

/** Picks out the calls that a limit is about. */
export interface CallMatcher {
  matches(call: Call): boolean;
  /** How many calls such a call counts for. */
  readonly weight: number;
}

/** A limit without matchers is about every call. */
export function isAbout(matchers: readonly CallMatcher[], call: Call): boolean {
  return matchers.length === 0 || matchers.some((matcher) => matcher.matches(call));
}

export function weightOf(matchers: readonly CallMatcher[], call: Call): number {
  return matchers.find((matcher) => matcher.matches(call))?.weight ?? 1;
}
