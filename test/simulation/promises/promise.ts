import type { View } from "#test/simulation/view";

/** A promise that is looked after from step to step: what is broken is said in words. */
export interface WatchedPromise {
  /** @returns what is wrong at this moment, or has happened since the last look */
  breaches(view: View): string[];
}
