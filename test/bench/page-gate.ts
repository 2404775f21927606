/** What pages of an upstream pass on their way, and may be held up at. */
export class PageGate {
  /** Pages that pass before one does not; null while all do. */
  #left: number | null = null;
  #onPage: ((at: number) => void) | null = null;

  /** To be awaited before each page. */
  async pass(): Promise<void> {
    if (this.#left === null) {
      this.#onPage?.(performance.now());
      return;
    }
    if (this.#left > 0) {
      this.#left -= 1;
      return;
    }
    this.#onPage?.(performance.now());
    // Whoever asked for it is killed, and asks again.
    return new Promise(() => undefined);
  }

  /** After so many pages none passes any more. Resolves when one is held up. */
  closeAfter(pages: number): Promise<number> {
    this.#left = pages;
    return this.#nextPage();
  }

  /** All pass from now on. Resolves when the next one does, with the time by `performance.now()`. */
  open(): Promise<number> {
    this.#left = null;
    return this.#nextPage();
  }

  #nextPage(): Promise<number> {
    return new Promise((resolve) => (this.#onPage = resolve));
  }
}
