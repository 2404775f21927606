/** What was done and what came of it, in the order in which it happened. */
export class History {
  readonly #startedAt = Date.now();
  readonly #lines: string[] = [];
  #roundStart = 0;

  add(line: string): void {
    const seconds = ((Date.now() - this.#startedAt) / 1000).toFixed(2).padStart(7);
    this.#lines.push(`${seconds}  ${line}`);
  }

  beginRound(round: number): void {
    this.#roundStart = this.#lines.length;
    this.add(`round ${round}`);
  }

  /** Of the newest round. */
  ofRound(): readonly string[] {
    return this.#lines.slice(this.#roundStart);
  }

  all(): readonly string[] {
    return this.#lines;
  }
}
