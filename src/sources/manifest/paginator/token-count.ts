import type { Json } from "#core/json";
import { SourceFailure } from "#sources/source";

/** The number in a token; `first` where the page was asked for without one. */
export function countIn(token: Json, first: number, strategy: string): number {
  if (token === null) return first;
  if (typeof token === "number") return token;
  throw new SourceFailure({
    kind: "bad_response",
    message: `${strategy} goes on from a number, and the last page was asked for with something else. The manifest's pagination strategy has changed: start the stream over.`,
    final: true,
  });
}
