/**
 * Held at a time. Whoever comes when there are so many is answered at once and asks again later, so a crowd costs this
 * object no more memory.
 */
const LIMIT = 200;

/** Calls that wait for something to happen to the active job. In memory only: a call that is lost is made again. */
export class Watchers {
  #waiting: (() => void)[] = [];

  /** Something happened: everybody looks again. */
  wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  /** Resolves when something happens; null where too many wait for that already. */
  next(): Promise<void> | null {
    if (this.#waiting.length >= LIMIT) return null;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
