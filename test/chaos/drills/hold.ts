import { comes } from "#test/chaos/ask";
import type { Stage } from "#test/chaos/stage";
import type { Subject } from "#test/chaos/subject";

/** Pages of a listing that its source keeps back. */
export interface Hold {
  /** Waits until the first of them is asked for. */
  readonly reached: () => Promise<void>;
  /** From now on all are answered. */
  readonly release: () => void;
}

/** Keeps back all pages of a listing from the one that is asked for as this one, counted from 1. */
export function hold({ upstream }: Stage, { source }: Subject, listing: string, from: number): Hold {
  const reached = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  let pages = 0;
  const takeBack = upstream.demand({
    source,
    answer: async ({ path }) => {
      if (path !== listing) return null;
      pages += 1;
      if (pages < from) return null;
      reached.resolve();
      await released.promise;
      return null;
    },
  });
  return {
    reached: () => comes(`page ${from} of ${listing}`, reached.promise),
    release: () => {
      takeBack();
      released.resolve();
    },
  };
}
