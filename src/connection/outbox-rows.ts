import { recordSchema, type SyncRecord } from "#records/projection";
import { numberOf, textOf, type Sql, type SqlRow } from "#storage/sql";

/** A record that waits, as JSON text. */
export interface OutboxRow {
  readonly key: string;
  readonly version: number;
  readonly value: string;
}

/** The records that D1 has yet to be told, each in its newest version. */
export class OutboxRows {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Takes the place of an older version. */
  put({ kind, id, version }: SyncRecord, value: string): void {
    this.#sql.run(
      `INSERT INTO outbox (key, version, value) VALUES (?, ?, ?)
       ON CONFLICT (key) DO UPDATE SET version = excluded.version, value = excluded.value`,
      `${kind}:${id}`,
      version,
      value,
    );
  }

  /** In the order of keys. */
  list(limit: number): OutboxRow[] {
    return this.#sql.all("SELECT key, version, value FROM outbox LIMIT ?", limit).map(outboxRow);
  }

  /** A newer version stays. */
  remove(key: string, version: number): void {
    this.#sql.run("DELETE FROM outbox WHERE key = ? AND version = ?", key, version);
  }

  clear(): void {
    this.#sql.run("DELETE FROM outbox");
  }
}

function outboxRow(row: SqlRow): OutboxRow {
  return { key: textOf(row, "key"), version: numberOf(row, "version"), value: textOf(row, "value") };
}

/** What D1 is told by a row. */
export function recordOf({ value }: Pick<OutboxRow, "value">): SyncRecord {
  return recordSchema.parse(JSON.parse(value));
}
