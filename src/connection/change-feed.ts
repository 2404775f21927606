import { z } from "zod";

import { FEED_START, type FeedPosition } from "#core/feed-position";
import { refused, accepted, type Reply } from "#core/errors";
import { numberOf, textOf, type Sql, type SqlRow } from "#storage/sql";
import type { FeedCursors } from "./feed-cursors.ts";
import type { JsonPage } from "./rpc.ts";
import { PAGE_BYTES } from "./page-size.ts";

/** Keys looked at in one call: those of entities that have changed again since are passed over. */
const KEYS_A_CALL = 20_000;

const keysSchema = z.array(z.string());

interface Entry {
  readonly seq: number;
  readonly stream: number;
  readonly jobId: string;
  readonly at: string;
  readonly upserts: readonly string[];
  readonly deletes: readonly string[];
}

/**
 * Reads the change feed: in commit order, each entity where it changed last and in its newest state. An entry of an
 * entity that changed again later is passed over, since the later one tells it.
 */
export class ChangeFeed {
  readonly #sql: Sql;
  readonly #cursors: FeedCursors;
  readonly #streamName: (number: number) => string;

  constructor(sql: Sql, cursors: FeedCursors, streamName: (number: number) => string) {
    this.#sql = sql;
    this.#cursors = cursors;
    this.#streamName = streamName;
  }

  read({ since, limit }: { readonly since: string | null; readonly limit: number }): Reply<JsonPage> {
    const end = this.#lastSeq() + 1;
    const from = since === null ? FEED_START : this.#cursors.read(since);
    if (from === null || from.seq > end) return refused(staleCursor(from === null));
    const items: string[] = [];
    const { position, isExhausted } = this.#collect(from, limit, items);
    const next = isExhausted ? { seq: end, offset: 0 } : position;
    return accepted({ items, nextCursor: this.#cursors.spell(next), hasMore: !isExhausted });
  }

  #collect(from: FeedPosition, limit: number, items: string[]): { position: FeedPosition; isExhausted: boolean } {
    let bytes = 0;
    let keys = 0;
    let { offset } = from;
    for (const row of this.#sql.all(
      "SELECT seq FROM changes WHERE seq >= ? ORDER BY seq LIMIT ?",
      from.seq,
      // One more than can be looked at, so that running out of rows means the end of the feed.
      KEYS_A_CALL + 1,
    )) {
      const entry = this.#entry(numberOf(row, "seq"));
      const total = entry.upserts.length + entry.deletes.length;
      while (offset < total) {
        if (items.length >= limit || bytes >= PAGE_BYTES || keys >= KEYS_A_CALL) {
          return { position: { seq: entry.seq, offset }, isExhausted: false };
        }
        const taken = this.#takeSome(entry, offset, limit - items.length);
        for (const item of taken.items) bytes += item.length;
        items.push(...taken.items);
        keys += taken.keys;
        offset += taken.keys;
      }
      offset = 0;
    }
    return { position: from, isExhausted: true };
  }

  /** The next keys of one entry, as many as one lookup should take. */
  #takeSome(entry: Entry, offset: number, limit: number): { items: string[]; keys: number } {
    if (offset >= entry.upserts.length) {
      const ids = entry.deletes.slice(offset - entry.upserts.length, offset - entry.upserts.length + limit);
      return { items: this.#deleted(entry, ids), keys: ids.length };
    }
    const ids = entry.upserts.slice(offset, offset + limit);
    const items: string[] = [];
    let keys = 0;
    let bytes = 0;
    const states = this.#upserted(entry, ids);
    for (const id of ids) {
      const data = states.get(id);
      if (data !== undefined) {
        const item = this.#item(entry, "upsert", id, data);
        items.push(item);
        bytes += item.length;
      }
      keys += 1;
      if (bytes >= PAGE_BYTES) break;
    }
    return { items, keys };
  }

  /** The entities whose last change this entry is. Stops at a page's worth of bytes. */
  #upserted(entry: Entry, ids: readonly string[]): Map<string, string> {
    const found = new Map<string, string>();
    let bytes = 0;
    const rows = this.#sql.each(
      `SELECT e.id, e.data FROM json_each(?) AS wanted
       CROSS JOIN entities AS e ON e.stream = ? AND e.id = wanted.value WHERE e.last_change = ?`,
      JSON.stringify(ids),
      entry.stream,
      entry.seq,
    );
    for (const row of rows) {
      const data = textOf(row, "data");
      found.set(textOf(row, "id"), data);
      bytes += data.length;
      if (bytes >= PAGE_BYTES) break;
    }
    return found;
  }

  /** Those that have not been inserted again. */
  #deleted(entry: Entry, ids: readonly string[]): string[] {
    const rows = this.#sql.all(
      `SELECT wanted.value AS id FROM json_each(?) AS wanted
       WHERE NOT EXISTS (SELECT 1 FROM entities AS e WHERE e.stream = ? AND e.id = wanted.value)`,
      JSON.stringify(ids),
      entry.stream,
    );
    return rows.map((row) => this.#item(entry, "delete", textOf(row, "id"), "null"));
  }

  #item(entry: Entry, op: "upsert" | "delete", id: string, entity: string): string {
    const head = JSON.stringify({ op, stream: this.#streamName(entry.stream), id }).slice(0, -1);
    return `${head},"entity":${entity},"job_id":${JSON.stringify(entry.jobId)},"at":"${entry.at}"}`;
  }

  #entry(seq: number): Entry {
    const row = this.#sql.first("SELECT * FROM changes WHERE seq = ?", seq);
    if (row === null) throw new Error(`The change feed has lost its entry ${seq}.`);
    return {
      seq,
      stream: numberOf(row, "stream"),
      jobId: textOf(row, "job_id"),
      at: new Date(numberOf(row, "at")).toISOString(),
      upserts: keysOf(row, "upserts"),
      deletes: keysOf(row, "deletes"),
    };
  }

  #lastSeq(): number {
    const row = this.#sql.first("SELECT coalesce(max(seq), 0) AS seq FROM changes");
    return row === null ? 0 : numberOf(row, "seq");
  }
}

function keysOf(row: SqlRow, column: string): string[] {
  return keysSchema.parse(JSON.parse(textOf(row, column)));
}

function staleCursor(isForeign: boolean) {
  const msg = isForeign
    ? "This is not a cursor of this connection's change feed. Start again without `since`."
    : "This cursor is ahead of the change feed, whose storage was restored to an earlier time. Start again without `since`.";
  return { code: "invalid", message: msg, issues: [{ loc: ["query", "since"], msg, type: "cursor_unknown" }] } as const;
}
