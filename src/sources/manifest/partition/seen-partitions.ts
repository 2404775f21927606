/** A few megabytes. Past it the oldest are forgotten, and a partition that comes again is read again. */
const MAX_SEEN = 50_000;

/** Partitions that were shown in this process: parents repeat on pages that move while they are read. */
export class SeenPartitions {
  readonly #keys = new Set<string>();

  /** True the first time; `key` is the partition's. */
  isNew(key: string): boolean {
    if (this.#keys.has(key)) return false;
    if (this.#keys.size >= MAX_SEEN) {
      for (const oldest of this.#keys) {
        this.#keys.delete(oldest);
        break;
      }
    }
    this.#keys.add(key);
    return true;
  }
}
