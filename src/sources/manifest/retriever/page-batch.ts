import type { Json } from "#core/json";
import type { End, Page } from "#sources/source";

/** Small pages are kept together up to here: each page that is stored costs rows of its own. */
const ENOUGH_RECORDS = 100;

/** What has to be fetched again at most when a read is interrupted. */
const ENOUGH_REQUESTS = 10;

/** Pages of small partitions, gathered into one that is worth storing. */
export class PageBatch {
  #records: unknown[] = [];
  #requests = 0;
  #checkpoint: Json = null;

  /** `checkpoint` continues after everything that was added. */
  add(records: readonly unknown[], checkpoint: Json): void {
    // Not spread into push: a page can have more records than a call can have arguments.
    this.#records = this.#records.length === 0 ? [...records] : this.#records.concat(records);
    this.#requests += 1;
    this.#checkpoint = checkpoint;
  }

  /** What was added turned out to be the last of its window or partition. */
  mark(checkpoint: Json): void {
    this.#checkpoint = checkpoint;
  }

  get isEmpty(): boolean {
    return this.#requests === 0;
  }

  get isEnough(): boolean {
    return this.#records.length >= ENOUGH_RECORDS || this.#requests >= ENOUGH_REQUESTS;
  }

  /** What was gathered, as one page; the batch is empty afterwards. */
  take(end: End | null = null): Page {
    const page: Page = { records: this.#records, tombstones: [], checkpoint: this.#checkpoint, end };
    this.#records = [];
    this.#requests = 0;
    return page;
  }
}
