import { hasBudget } from "#core/slice";
import type { SlicePorts } from "./ports.ts";

/**
 * Bytes of answers that streams read side by side may hold twice: a page, and the one after it. A page takes five to
 * seven times its answer while it is applied, its text, records and rows, and all objects of an isolate share 128 MB.
 */
const DOUBLED_BYTES = 8_000_000;

/**
 * Who may ask for another page in a slice. Streams that are read side by side end it together: one that went on with
 * the last of the budget would keep the others waiting for as long as the source takes to answer.
 */
export class PageTurns {
  readonly #ports: Pick<SlicePorts, "budget" | "usage">;
  /** Pages asked for, by the streams that are being read. */
  readonly #asked = new Map<string, number>();
  /** Those for which nothing is left. */
  readonly #ended = new Set<string>();
  #pages = 0;
  #arrived = 0;

  constructor(ports: Pick<SlicePorts, "budget" | "usage">) {
    this.#ports = ports;
  }

  /** May this stream ask for a page? Once it may not, the slice is over for it. */
  isOpen(stream: string): boolean {
    if (this.#ended.has(stream)) return false;
    const { budget, usage } = this.#ports;
    const used = usage();
    // A page that was asked for is a request, also while it is not sent yet.
    const requests = Math.max(used.requests, this.#pages);
    if (hasBudget(budget, { ...used, requests }, this.#dueBefore(stream))) return true;
    this.#ended.add(stream);
    return false;
  }

  /** May the next page be on its way while one is applied? By what the slice's pages took so far. */
  pagesAreLight(): boolean {
    const bytesAPage = this.#ports.usage().bytes / Math.max(1, this.#arrived);
    return bytesAPage * this.#asked.size <= DOUBLED_BYTES;
  }

  took(stream: string): void {
    this.#pages += 1;
    this.#asked.set(stream, (this.#asked.get(stream) ?? 0) + 1);
  }

  arrived(): void {
    this.#arrived += 1;
  }

  /** It is not read any more. One that would have gone on still counts, so that the others end with it. */
  leave(stream: string): void {
    if (!this.#ended.has(stream)) this.#asked.delete(stream);
  }

  /** Pages that others may ask for before this stream's next one is its due: one each, where they are not ahead of it. */
  #dueBefore(stream: string): number {
    const own = this.#asked.get(stream) ?? 0;
    let due = 0;
    for (const [other, asked] of this.#asked) if (other !== stream && asked <= own) due += 1;
    return due;
  }
}
