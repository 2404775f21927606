import { SourceFailure } from "#sources/source";

/** A call that counts for more than there ever is room for would wait for ever. */
export function refuseWeight(weight: number, limit: number): void {
  if (weight <= limit) return;
  throw new SourceFailure({
    kind: "bad_request",
    message: `The manifest's api_budget has a request count for ${weight} calls, and allows ${limit} at a time. Lower its weight, or raise the limit.`,
    final: true,
  });
}
