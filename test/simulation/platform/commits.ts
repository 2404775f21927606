/** What a transaction throws that the disk does not take. Nothing of it is there. */
export class DiskFull extends Error {
  override readonly name = "DiskFull";

  constructor() {
    super("database or disk is full: SQLITE_FULL");
  }
}

/** The transactions of an object, of which one may be refused. */
export class Commits {
  /** Those that are committed before one is not; null where all are. */
  #left: number | null = null;
  #depth = 0;
  /** How many were refused. */
  refused = 0;

  /** Refuses one, after so many more. */
  refuseOne(after: number): void {
    this.#left = after;
  }

  /** Refuses none. */
  takeAll(): void {
    this.#left = null;
  }

  /** To be called with each transaction's work, inside of it. One within another is a part of that. */
  during<T>(work: () => T): T {
    this.#depth += 1;
    try {
      const result = work();
      if (this.#depth === 1) this.#beforeCommit();
      return result;
    } finally {
      this.#depth -= 1;
    }
  }

  #beforeCommit(): void {
    if (this.#left === null) return;
    this.#left -= 1;
    if (this.#left >= 0) return;
    this.#left = null;
    this.refused += 1;
    throw new DiskFull();
  }
}
