/** UUIDv7s that count instead of being random. */
export class CountingIds {
  #count: number;
  #lastAt: number;

  constructor({ count, lastAt }: { readonly count: number; readonly lastAt: number }) {
    this.#count = count;
    this.#lastAt = lastAt;
  }

  get standing(): { readonly count: number; readonly lastAt: number } {
    return { count: this.#count, lastAt: this.#lastAt };
  }

  /** Sorts after those that were made before. */
  next(at: number): string {
    this.#count += 1;
    this.#lastAt = Math.max(at, this.#lastAt + 1);
    const time = this.#lastAt.toString(16).padStart(12, "0");
    const count = this.#count.toString(16).padStart(12, "0");
    return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${count}`;
  }
}
