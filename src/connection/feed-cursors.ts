import { formatFeedCursor, parseFeedCursor, type FeedPosition } from "#core/feed-position";
import type { CursorSeal } from "#storage/cursor-seal";

const LIST = "changes";

/** What readers of a change feed keep, for ever: signed, but for those from before there were signatures. */
export class FeedCursors {
  readonly #seal: CursorSeal;
  readonly #feedId: string;
  readonly #unsignedUpTo: number;

  /** @param unsignedUpTo the last entry that an unsigned cursor can name */
  constructor(seal: CursorSeal, feedId: string, unsignedUpTo: number) {
    this.#seal = seal;
    this.#feedId = feedId;
    this.#unsignedUpTo = unsignedUpTo;
  }

  spell(position: FeedPosition): string {
    return this.#seal.seal(LIST, formatFeedCursor(this.#feedId, position));
  }

  /** @returns null where the feed gave out no such cursor */
  read(cursor: string): FeedPosition | null {
    const signed = this.#seal.open(LIST, cursor);
    if (signed !== null) return parseFeedCursor(this.#feedId, signed);
    const unsigned = parseFeedCursor(this.#feedId, cursor);
    return unsigned !== null && unsigned.seq <= this.#unsignedUpTo ? unsigned : null;
  }
}
