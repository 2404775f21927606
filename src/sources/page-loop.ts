import { z } from "zod";

export const pageLoopWatchSchema = z.object({ anchor: z.string(), steps: z.int(), limit: z.int() });

/** What has to be remembered to notice that addresses repeat, however many pages that takes. */
export type PageLoopWatch = z.infer<typeof pageLoopWatchSchema>;

/**
 * Watches a chain of page addresses that the other side makes up; null once it is known to go round in circles.
 *
 * Brent's algorithm: each address is compared with one anchor, which moves on after 1, 2, 4, 8… steps. A circle of
 * any length is found within a few rounds, and one address is all that a checkpoint has to carry.
 */
export function watchPageLoop(watch: PageLoopWatch | null, address: string): PageLoopWatch | null {
  if (watch === null) return { anchor: address, steps: 0, limit: 1 };
  const { anchor, steps, limit } = watch;
  if (address === anchor) return null;
  return steps + 1 === limit ? { anchor: address, steps: 0, limit: limit * 2 } : { anchor, steps: steps + 1, limit };
}
