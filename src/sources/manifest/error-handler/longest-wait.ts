import { SourceFailure } from "#sources/source";
import type { Scope } from "#sources/manifest/scope";
import type { Text } from "#sources/manifest/text";
import { secondsOf } from "./seconds.ts";

/**
 * Gives a wait back if the manifest's `max_waiting_time_in_seconds` allows it: it has to be shorter than that.
 *
 * @param seconds how long the API asks to wait
 * @returns milliseconds
 * @throws SourceFailure, final, for a longer wait
 */
export function allowWait(seconds: number, longest: Text | null, scope: Scope): number {
  const limit = longest === null ? Number.POSITIVE_INFINITY : secondsOf(longest, "max_waiting_time_in_seconds");
  if (seconds < limit) return seconds * 1000;
  throw new SourceFailure({
    kind: "rate_limit",
    message: `The API asks to wait ${Math.ceil(seconds)} s before ${scope.stream === "" ? "the next request" : `${scope.stream} is read on`}, and the manifest waits less than ${limit} s (max_waiting_time_in_seconds).`,
    final: true,
  });
}
