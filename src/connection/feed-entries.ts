import { z } from "zod";

import { numberOf, textOf, type Sql, type SqlRow } from "#storage/sql";
import { PAGE_BYTES } from "./page-size.ts";

/** Each is a row read, and a reader who wants few changes needs few entries. */
const NUMBERS_AT_ONCE = 100;

const keysSchema = z.array(z.string());

/** What one page of a sync changed. Its keys are in order: upserts, then deletes. */
export interface FeedEntry {
  readonly seq: number;
  readonly stream: number;
  readonly jobId: string;
  readonly at: string;
  readonly upserts: readonly string[];
  readonly deletes: readonly string[];
}

/** Some keys of an entry that are next to each other, in the order in which they were asked for. */
interface Taken {
  /** JSON texts of changes: none for a key whose entity has changed again since. */
  readonly items: readonly string[];
  /** How many keys were looked at. */
  readonly keys: number;
}

/** How many keys an entry has. */
export function keysIn({ upserts, deletes }: FeedEntry): number {
  return upserts.length + deletes.length;
}

/** The rows of the change feed, and what they have to tell as things are now. */
export class FeedEntries {
  readonly #sql: Sql;
  readonly #streamName: (number: number) => string;

  constructor(sql: Sql, streamName: (number: number) => string) {
    this.#sql = sql;
    this.#streamName = streamName;
  }

  /** The numbers of entries in order, the first one being `from` or after it. */
  *after(from: number): Generator<number, void> {
    for (let next = from; ;) {
      const some = this.#numbers("SELECT seq FROM changes WHERE seq >= ? ORDER BY seq LIMIT ?", next);
      if (some.length === 0) return;
      yield* some;
      next = (some.at(-1) ?? next) + 1;
    }
  }

  /** The same backwards, from `from` or before it. */
  *before(from: number): Generator<number, void> {
    for (let next = from; ;) {
      const some = this.#numbers("SELECT seq FROM changes WHERE seq <= ? ORDER BY seq DESC LIMIT ?", next);
      if (some.length === 0) return;
      yield* some;
      next = (some.at(-1) ?? next) - 1;
    }
  }

  /** The newest entry's number; 0 where there is none. */
  newest(): number {
    const row = this.#sql.first("SELECT coalesce(max(seq), 0) AS seq FROM changes");
    return row === null ? 0 : numberOf(row, "seq");
  }

  read(seq: number): FeedEntry {
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

  /** From the key at `offset` on, as many as one lookup should take: `limit` at most, all upserts or all deletes. */
  takeFrom(entry: FeedEntry, offset: number, limit: number): Taken {
    const { upserts, deletes } = entry;
    if (offset < upserts.length) return this.#upserted(entry, upserts.slice(offset, offset + limit));
    const from = offset - upserts.length;
    return this.#deleted(entry, deletes.slice(from, from + limit));
  }

  /** The same backwards, from the key before `offset`. */
  takeBefore(entry: FeedEntry, offset: number, limit: number): Taken {
    const { upserts, deletes } = entry;
    const to = offset - upserts.length;
    if (to <= 0) return this.#upserted(entry, upserts.slice(Math.max(0, offset - limit), offset).toReversed());
    return this.#deleted(entry, deletes.slice(Math.max(0, to - limit), to).toReversed());
  }

  /** Those whose last change this entry is. Stops at a page's worth of bytes. */
  #upserted(entry: FeedEntry, ids: readonly string[]): Taken {
    const states = this.#states(entry, ids);
    const items: string[] = [];
    let keys = 0;
    let bytes = 0;
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

  #states(entry: FeedEntry, ids: readonly string[]): Map<string, string> {
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
  #deleted(entry: FeedEntry, ids: readonly string[]): Taken {
    const rows = this.#sql.all(
      `SELECT wanted.value AS id FROM json_each(?) AS wanted
       WHERE NOT EXISTS (SELECT 1 FROM entities AS e WHERE e.stream = ? AND e.id = wanted.value)`,
      JSON.stringify(ids),
      entry.stream,
    );
    return { items: rows.map((row) => this.#item(entry, "delete", textOf(row, "id"), "null")), keys: ids.length };
  }

  #item(entry: FeedEntry, op: "upsert" | "delete", id: string, entity: string): string {
    const head = JSON.stringify({ op, stream: this.#streamName(entry.stream), id }).slice(0, -1);
    return `${head},"entity":${entity},"job_id":${JSON.stringify(entry.jobId)},"at":"${entry.at}"}`;
  }

  #numbers(statement: string, from: number): number[] {
    return this.#sql.all(statement, from, NUMBERS_AT_ONCE).map((row) => numberOf(row, "seq"));
  }
}

function keysOf(row: SqlRow, column: string): string[] {
  return keysSchema.parse(JSON.parse(textOf(row, column)));
}
