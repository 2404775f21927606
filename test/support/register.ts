interface Write<T> {
  readonly value: T;
  readonly sentAt: number;
  /** Infinity while it is under way. */
  overAt: number;
  /** It took effect for certain. */
  isAccepted: boolean;
}

/** What was written in one place by callers who do not wait for each other: which values it may have by now. */
export class Register<T> {
  #writes: readonly Write<T>[];
  /** Orders beginnings and ends. */
  #moment = 0;

  constructor(value: T) {
    this.#writes = [{ value, sentAt: 0, overAt: 0, isAccepted: true }];
  }

  /**
   * A write is on its way.
   *
   * @returns to be called when it is over, with whether it was accepted. One that was not may have taken effect all the
   * same: who died before its answer is asked again, and refuses then.
   */
  send(value: T): (isAccepted: boolean) => void {
    this.#moment += 1;
    const write: Write<T> = { value, sentAt: this.#moment, overAt: Number.POSITIVE_INFINITY, isAccepted: false };
    this.#writes = [...this.#writes, write];
    return (isAccepted) => {
      this.#moment += 1;
      write.overAt = this.#moment;
      write.isAccepted = isAccepted;
      const isLast = (each: Write<T>) => !this.#writes.some((other) => other.isAccepted && other.sentAt > each.overAt);
      this.#writes = this.#writes.filter(isLast);
    };
  }

  /** Those that no accepted write came after. */
  possible(): readonly T[] {
    return this.#writes.map(({ value }) => value);
  }
}
