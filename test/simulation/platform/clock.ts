interface Timer {
  readonly at: number;
  readonly order: number;
  readonly ring: () => void;
}

/** The dead set few timers. */
const RUN_OUT_ROUNDS = 20;

/** Time that moves only when it is told to. Timers of the whole process ring by it while it is installed. */
export class SimulatedClock {
  now: number;
  readonly #timers = new Map<number, Timer>();
  #count = 0;

  constructor(now: number) {
    this.now = now;
  }

  /** Puts itself in the place of the process's timers. Gives back the undoing. */
  install(): () => void {
    const { setTimeout: realSetTimeout, clearTimeout: realClearTimeout } = globalThis;
    Object.assign(globalThis, {
      setTimeout: (ring: () => void, milliseconds = 0) => this.ringAt(this.now + Math.floor(milliseconds), ring),
      clearTimeout: (timer: number) => this.#timers.delete(timer),
    });
    return () => Object.assign(globalThis, { setTimeout: realSetTimeout, clearTimeout: realClearTimeout });
  }

  ringAt(at: number, ring: () => void): number {
    this.#count += 1;
    this.#timers.set(this.#count, { at, order: this.#count, ring });
    return this.#count;
  }

  /** Resolves after so long; a process that dies meanwhile does not notice. */
  passed(milliseconds: number): Promise<void> {
    return new Promise((resolve) => this.ringAt(this.now + Math.floor(milliseconds), resolve));
  }

  /** When the next timer rings; null for none. */
  nextAt(): number | null {
    return this.#first()?.at ?? null;
  }

  /** Lets the next timer ring, at its time. */
  ringNext(): void {
    const first = this.#first();
    if (first === null) return;
    this.#timers.delete(first.order);
    this.now = Math.max(this.now, first.at);
    first.ring();
  }

  /** A new history begins. */
  startOver(now: number): void {
    this.now = now;
    this.#timers.clear();
  }

  /**
   * Lets every timer ring, also those that are set thereupon: whoever waits finds out that it is dead, and lets go of
   * what it holds.
   */
  async runOut(): Promise<void> {
    for (let rounds = 0; this.#timers.size > 0 && rounds < RUN_OUT_ROUNDS; rounds += 1) {
      const timers = [...this.#timers.values()];
      this.#timers.clear();
      for (const { ring } of timers) ring();
      await settled();
    }
  }

  #first(): Timer | null {
    let first: Timer | null = null;
    for (const timer of this.#timers.values()) {
      if (first === null || timer.at < first.at || (timer.at === first.at && timer.order < first.order)) first = timer;
    }
    return first;
  }
}

/**
 * Lets everything happen that needs no time: nothing here waits for a real disk or network. Node takes a next tick when
 * no promise has anything left to do.
 */
export function settled(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}
