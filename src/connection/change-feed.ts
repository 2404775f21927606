import { accepted, refused, type Reply } from "#core/errors";
import { FEED_START, type FeedPosition } from "#core/feed-position";
import type { FeedCursors } from "./feed-cursors.ts";
import { keysIn, type FeedEntries } from "./feed-entries.ts";
import { PAGE_BYTES } from "./page-size.ts";
import type { JsonPage, NewestChanges } from "./rpc.ts";

/** Keys looked at in one call: those of entities that have changed again since are passed over. */
const KEYS_A_CALL = 20_000;

/**
 * Reads the change feed: in commit order or backwards, each entity where it changed last and in its newest state. An
 * entry of an entity that changed again later is passed over, since the later one tells it.
 *
 * A cursor names a place between two changes, so it says where to go on in either direction.
 */
export class ChangeFeed {
  readonly #entries: FeedEntries;
  readonly #cursors: FeedCursors;

  constructor(entries: FeedEntries, cursors: FeedCursors) {
    this.#entries = entries;
    this.#cursors = cursors;
  }

  /** What came after `since`; from the beginning where it is null. `nextCursor` is always set. */
  read({ since, limit }: { readonly since: string | null; readonly limit: number }): Reply<JsonPage> {
    const end = this.#end();
    const from = since === null ? FEED_START : this.#cursors.read(since);
    if (from === null || from.seq > end.seq) return refused(staleCursor("since", from === null));
    const page = new Page(limit);
    const stoppedAt = this.#collect(from, page);
    const next = this.#cursors.spell(stoppedAt ?? end);
    return accepted({ items: page.items, nextCursor: next, hasMore: stoppedAt !== null });
  }

  /** What came before `before`, the newest first; from the end where it is null. */
  readNewest({ before, limit }: { readonly before: string | null; readonly limit: number }): Reply<NewestChanges> {
    const end = this.#end();
    const from = before === null ? end : this.#cursors.read(before);
    if (from === null || from.seq > end.seq) return refused(staleCursor("before", from === null));
    const page = new Page(limit);
    const stoppedAt = this.#collectBack(from, page);
    return accepted({
      items: page.items,
      nextCursor: this.#cursors.spell(from),
      olderCursor: stoppedAt === null ? null : this.#cursors.spell(stoppedAt),
    });
  }

  /** @returns where the page was full; null where the feed came to its end */
  #collect(from: FeedPosition, page: Page): FeedPosition | null {
    let { offset } = from;
    for (const seq of this.#entries.after(from.seq)) {
      const entry = this.#entries.read(seq);
      while (offset < keysIn(entry)) {
        if (page.isFull) return { seq, offset };
        offset += page.add(this.#entries.takeFrom(entry, offset, page.room));
      }
      offset = 0;
    }
    return null;
  }

  /** @returns where the page was full; null where the feed came to its beginning */
  #collectBack(from: FeedPosition, page: Page): FeedPosition | null {
    for (const seq of this.#entries.before(from.seq)) {
      const entry = this.#entries.read(seq);
      let offset = seq === from.seq ? Math.min(from.offset, keysIn(entry)) : keysIn(entry);
      while (offset > 0) {
        if (page.isFull) return { seq, offset };
        offset -= page.add(this.#entries.takeBefore(entry, offset, page.room));
      }
    }
    return null;
  }

  /** Behind everything there is. */
  #end(): FeedPosition {
    return { seq: this.#entries.newest() + 1, offset: 0 };
  }
}

/** What is collected for one answer, until that is as much as it may be. */
class Page {
  readonly items: string[] = [];
  readonly #limit: number;
  #keys = 0;
  #bytes = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get room(): number {
    return this.#limit - this.items.length;
  }

  get isFull(): boolean {
    return this.room <= 0 || this.#bytes >= PAGE_BYTES || this.#keys >= KEYS_A_CALL;
  }

  /** @returns how many keys that was */
  add({ items, keys }: { readonly items: readonly string[]; readonly keys: number }): number {
    for (const item of items) this.#bytes += item.length;
    this.items.push(...items);
    this.#keys += keys;
    return keys;
  }
}

function staleCursor(name: "since" | "before", isForeign: boolean) {
  const msg = isForeign
    ? `This is not a cursor of this connection's change feed. Start again without \`${name}\`.`
    : `This cursor is ahead of the change feed, whose storage was restored to an earlier time. Start again without \`${name}\`.`;
  return { code: "invalid", message: msg, issues: [{ loc: ["query", name], msg, type: "cursor_unknown" }] } as const;
}
