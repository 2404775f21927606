import type { View } from "#test/simulation/view";

/** A promise that is looked after from step to step: what is broken is said in words. */
export interface WatchedPromise {
  /** @returns what is wrong at this moment, or has happened since the last look */
  breaches(view: View): string[];
}

/** Remembers what a promise looked at last: where nothing of it has changed, there is nothing new to find. */
export class LastLook {
  #seen: readonly unknown[] = [];

  /** @param seen values that are others when something has changed in them */
  isSame(...seen: readonly unknown[]): boolean {
    const isSame = seen.length === this.#seen.length && seen.every((value, index) => value === this.#seen[index]);
    this.#seen = seen;
    return isSame;
  }
}
