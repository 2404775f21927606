import { numberAt, numberOf, textAt, textOf, type Sql } from "#storage/sql";
import type { Change, Copy, EntityRow, StoredEntity } from "#sync/copy";
import { isPackable, packEntities } from "./packed-entities.ts";

/**
 * Characters of JSON in one bound text. A binding holds 2,000,000 bytes (Cloudflare's limits page), and a character
 * takes three of them at most, quotes escaped.
 */
const BINDING_CHARACTERS = 600_000;

/** What an id counts for: its characters may all be control characters, of which each takes six bytes as JSON. */
const idSize = (id: string) => 2 * id.length + 3;

/** The copy in the object's SQLite. One row written for each entity that is inserted or changed, none otherwise. */
export class EntityStore implements Copy {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  find(stream: number, ids: readonly string[]): Map<string, StoredEntity> {
    const found = new Map<string, StoredEntity>();
    for (const chunk of inChunks(ids, idSize)) {
      // CROSS JOIN fixes the order: left to the planner, SQLite may scan the table and search the JSON for each row.
      const rows = this.#sql.tuples(
        `SELECT e.id, e.number, e.data FROM json_each(?) AS wanted
         CROSS JOIN entities AS e ON e.stream = ? AND e.id = wanted.value`,
        JSON.stringify(chunk),
        stream,
      );
      for (const row of rows) found.set(textAt(row, 0), { number: numberAt(row, 1), text: textAt(row, 2) });
    }
    return found;
  }

  write(change: Change, rows: readonly EntityRow[]): void {
    for (const chunk of inChunks(rows, ({ id }) => idSize(id))) {
      const upserts = chunk.map(({ id }) => id);
      this.#put(change.stream, this.#recordChange(change, upserts, []), chunk);
    }
    for (const deletes of inChunks(change.deletes, idSize)) {
      this.#recordChange(change, [], deletes);
      this.#sql.run(
        "DELETE FROM entities WHERE stream = ? AND id IN (SELECT value FROM json_each(?))",
        change.stream,
        JSON.stringify(deletes),
      );
    }
  }

  scan(stream: number, afterId: string | null, limit: number): readonly { id: string; number: number }[] {
    return this.#sql
      .all(
        "SELECT id, number FROM entities WHERE stream = ? AND id > ? ORDER BY id LIMIT ?",
        stream,
        afterId ?? "",
        limit,
      )
      .map((row) => ({ id: textOf(row, "id"), number: numberOf(row, "number") }));
  }

  marks(stream: number, chunk: number): Uint8Array | null {
    const bits = this.#sql.first("SELECT bits FROM marks WHERE stream = ? AND chunk = ?", stream, chunk)?.["bits"];
    return bits instanceof ArrayBuffer ? new Uint8Array(bits) : null;
  }

  saveMarks(stream: number, chunk: number, marks: Uint8Array): void {
    this.#sql.run(
      `INSERT INTO marks (stream, chunk, bits) VALUES (?, ?, ?)
       ON CONFLICT (stream, chunk) DO UPDATE SET bits = excluded.bits`,
      stream,
      chunk,
      marks.slice().buffer,
    );
  }

  clearMarks(stream: number): void {
    this.#sql.run("DELETE FROM marks WHERE stream = ?", stream);
  }

  clearAllMarks(): void {
    this.#sql.run("DELETE FROM marks");
  }

  #recordChange(change: Change, upserts: readonly string[], deletes: readonly string[]): number {
    const row = this.#sql.first(
      "INSERT INTO changes (stream, job_id, at, upserts, deletes) VALUES (?, ?, ?, ?, ?) RETURNING seq",
      change.stream,
      change.jobId,
      change.at,
      JSON.stringify(upserts),
      JSON.stringify(deletes),
    );
    if (row === null) throw new Error("SQLite gave no number to a row of the change feed.");
    return numberOf(row, "seq");
  }

  #put(stream: number, seq: number, rows: readonly EntityRow[]): void {
    const [packable, large] = partition(rows, isPackable);
    const [added, changed] = partition(packable, ({ isNew }) => isNew);
    for (const { places, bytes, firstNumber } of packEntities(added)) {
      this.#sql.run(insertPacked("?3 + key"), stream, seq, firstNumber, places, bytes);
    }
    for (const { places, bytes } of packEntities(changed)) {
      this.#sql.run(`${insertPacked("?3")} ${OR_REPLACE}`, stream, seq, 0, places, bytes);
    }
    for (const { id, number, text } of large) {
      this.#sql.run(
        `INSERT INTO entities (stream, id, number, first_change, last_change, data) VALUES (?1, ?2, ?3, ?4, ?4, ?5)
         ${OR_REPLACE}`,
        stream,
        id,
        number,
        seq,
        text,
      );
    }
  }
}

/** Of an entity that is stored, its number and its first change stay. */
const OR_REPLACE = "ON CONFLICT (stream, id) DO UPDATE SET last_change = excluded.last_change, data = excluded.data";

/** See PackedEntities for what `value` holds. */
function insertPacked(number: string): string {
  return `INSERT INTO entities (stream, id, number, first_change, last_change, data)
    SELECT ?1, CAST(substr(?5, ((value >> 20) & 1048575) + 1, value >> 40) AS TEXT), ${number}, ?2, ?2,
      CAST(substr(?5, ((value >> 20) & 1048575) + (value >> 40) + 1, value & 1048575) AS TEXT)
    FROM json_each(?4) WHERE true`;
}

/** Cuts a list so that each part fits a binding. */
function inChunks<T>(items: readonly T[], sizeOf: (item: T) => number): T[][] {
  const chunks: T[][] = [];
  let chunk: T[] = [];
  let size = 0;
  for (const item of items) {
    const itemSize = sizeOf(item);
    if (chunk.length > 0 && size + itemSize > BINDING_CHARACTERS) {
      chunks.push(chunk);
      chunk = [];
      size = 0;
    }
    chunk.push(item);
    size += itemSize;
  }
  if (chunk.length > 0) chunks.push(chunk);
  return chunks;
}

function partition<T>(items: readonly T[], isFirst: (item: T) => boolean): [T[], T[]] {
  const first: T[] = [];
  const second: T[] = [];
  for (const item of items) (isFirst(item) ? first : second).push(item);
  return [first, second];
}
