import { z } from "zod";

import { accepted, refused, type Reply } from "#core/errors";
import type { CursorSeal } from "#storage/cursor-seal";
import { numberOf, textOf, type Sql, type SqlRow } from "#storage/sql";
import { UNKNOWN_CURSOR } from "#core/unknown-cursor";
import type { EntitiesRequest, JsonPage } from "./rpc.ts";
import { PAGE_BYTES } from "./page-size.ts";

const SELECT = `
  SELECT e.stream, e.id, e.data, first.at AS first_seen_at, last.at AS last_modified_at, last.job_id
  FROM entities AS e
  CROSS JOIN changes AS first ON first.seq = e.first_change
  CROSS JOIN changes AS last ON last.seq = e.last_change`;

/** Where a listing goes on: after this entity. */
const placeSchema = z.tuple([z.int(), z.string()]);

const LIST = "entities";

/** Reads the copy, in the order of streams and ids. */
export class EntityView {
  readonly #sql: Sql;
  readonly #cursors: CursorSeal;
  readonly #streams: ReadonlyMap<string, number>;
  readonly #names: ReadonlyMap<number, string>;

  /** @param streams the connection's streams: number by name */
  constructor(sql: Sql, cursors: CursorSeal, streams: ReadonlyMap<string, number>) {
    this.#sql = sql;
    this.#cursors = cursors;
    this.#streams = streams;
    this.#names = new Map([...streams].map(([name, number]) => [number, name]));
  }

  list({ stream, limit, cursor }: EntitiesRequest): Reply<JsonPage> {
    const after = cursor === null ? null : parsePlace(this.#cursors.open(LIST, cursor));
    if (after === undefined) return refused(UNKNOWN_CURSOR);
    const number = stream === null ? null : this.#streams.get(stream);
    if (number === undefined) return accepted({ items: [], nextCursor: null, hasMore: false });
    if (number !== null && after !== null && after[0] !== number) return refused(UNKNOWN_CURSOR);
    // One row more than asked for tells whether there is more.
    const rows = this.#rows(number, after, limit + 1);
    const items: string[] = [];
    let bytes = 0;
    let last: [number, string] | null = null;
    for (const row of rows) {
      if (items.length === limit || bytes >= PAGE_BYTES) {
        return accepted({
          items,
          nextCursor: last === null ? null : this.#cursors.seal(LIST, formatPlace(last)),
          hasMore: true,
        });
      }
      const item = this.#item(row);
      items.push(item);
      bytes += item.length;
      last = [numberOf(row, "stream"), textOf(row, "id")];
    }
    return accepted({ items, nextCursor: null, hasMore: false });
  }

  one(stream: string, id: string): Reply<string> {
    const number = this.#streams.get(stream);
    const row = number === undefined ? null : this.#sql.first(`${SELECT} WHERE e.stream = ? AND e.id = ?`, number, id);
    return row === null ? refused({ code: "not_found", message: "Entity not found" }) : accepted(this.#item(row));
  }

  #rows(stream: number | null, after: readonly [number, string] | null, limit: number): Generator<SqlRow, void> {
    const [afterStream, afterId] = after ?? [-1, ""];
    return stream === null
      ? this.#sql.each(
          `${SELECT} WHERE (e.stream, e.id) > (?, ?) ORDER BY e.stream, e.id LIMIT ?`,
          afterStream,
          afterId,
          limit,
        )
      : this.#sql.each(`${SELECT} WHERE e.stream = ? AND e.id > ? ORDER BY e.id LIMIT ?`, stream, afterId, limit);
  }

  #item(row: SqlRow): string {
    const stream = this.#names.get(numberOf(row, "stream")) ?? "";
    const head = JSON.stringify({ stream, id: textOf(row, "id") }).slice(0, -1);
    const tail = JSON.stringify({
      first_seen_at: new Date(numberOf(row, "first_seen_at")).toISOString(),
      last_modified_at: new Date(numberOf(row, "last_modified_at")).toISOString(),
      job_id: textOf(row, "job_id"),
    }).slice(1);
    return `${head},"data":${textOf(row, "data")},${tail}`;
  }
}

function formatPlace(place: readonly [number, string]): string {
  const bytes = new TextEncoder().encode(JSON.stringify(place));
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

/** @returns undefined where the cursor was none of this listing's */
function parsePlace(text: string | null): readonly [number, string] | undefined {
  if (text === null) return undefined;
  const bytes = Uint8Array.fromBase64(text, { alphabet: "base64url" });
  return placeSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
}
