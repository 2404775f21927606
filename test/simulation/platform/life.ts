/** What a process that is dead throws whenever it tries to reach storage: nothing of it gets there any more. */
export class Died extends Error {
  override readonly name = "Died";

  constructor() {
    super("This process is dead.");
  }
}

/** An object's time in memory. It can be over at any moment at which its code awaits something. */
export class Life {
  #isOver = false;
  #turnsLeft: number | null = null;
  #isInTurn = false;
  readonly #onEnd: (() => void)[] = [];

  get isOver(): boolean {
    return this.#isOver;
  }

  /** It is to end at the end of a turn: perhaps between a write and the alarm that is set for it. */
  get isCutShort(): boolean {
    return this.#turnsLeft !== null;
  }

  onEnd(act: () => void): void {
    this.#onEnd.push(act);
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const act of this.#onEnd) act();
  }

  /**
   * Ends after so many more turns in which storage is used. A turn is what runs without awaiting; what it wrote is kept,
   * as the platform writes all of it or nothing, and what it sent is on its way.
   */
  endAfter(turns: number): void {
    this.#turnsLeft = turns;
  }

  /** To be called at each use of storage. */
  useStorage(): void {
    if (this.#isOver) throw new Died();
    if (this.#turnsLeft === null || this.#isInTurn) return;
    this.#isInTurn = true;
    queueMicrotask(() => {
      this.#isInTurn = false;
      if (this.#turnsLeft === null) return;
      this.#turnsLeft -= 1;
      if (this.#turnsLeft <= 0) this.end();
    });
  }
}
