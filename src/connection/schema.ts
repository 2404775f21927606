import type { Sql } from "./sql.ts";

/**
 * The object's tables. Append only: objects in the field have run what is here, so an entry is never edited.
 *
 * Every table is WITHOUT ROWID where its key is not a rowid, and none has a secondary index: each b-tree that a row
 * is in is a row written, and rows written are the bill.
 */
const MIGRATIONS: readonly string[] = [
  `
  -- One JSON document each: the connection, the active job's id, the follow-up, run totals, planning, the outbox's state.
  CREATE TABLE documents (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

  -- Ids are UUIDv7, so their order is the order of time.
  CREATE TABLE jobs (id TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

  -- A stream's state and its progress in the newest job: one row written a page.
  CREATE TABLE streams (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

  -- The copy. The small columns come first: they are read without the pages that a long text overflows into.
  CREATE TABLE entities (
    stream INTEGER NOT NULL,
    id TEXT NOT NULL,
    number INTEGER NOT NULL,
    -- The changes that inserted it and changed it last: they know when, and by which job.
    first_change INTEGER NOT NULL,
    last_change INTEGER NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (stream, id)
  ) WITHOUT ROWID;

  -- The change feed: a row for each page, holding the keys that it touched as JSON arrays.
  CREATE TABLE changes (
    seq INTEGER PRIMARY KEY,
    stream INTEGER NOT NULL,
    job_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    upserts TEXT NOT NULL,
    deletes TEXT NOT NULL
  );

  -- Which entities the pass has seen: a bitmap for each 65,536 entity numbers.
  CREATE TABLE marks (
    stream INTEGER NOT NULL,
    chunk INTEGER NOT NULL,
    bits BLOB NOT NULL,
    PRIMARY KEY (stream, chunk)
  ) WITHOUT ROWID;

  -- What D1 has yet to be told, newest version only.
  CREATE TABLE outbox (key TEXT PRIMARY KEY, version INTEGER NOT NULL, value TEXT NOT NULL) WITHOUT ROWID;

  CREATE TABLE idempotency (key TEXT PRIMARY KEY, job_id TEXT NOT NULL, expires_at INTEGER NOT NULL) WITHOUT ROWID;
  `,
];

/** Has this object been given tables? One that was only guessed at has not, and must not get them. */
export function hasSchema(sql: Sql): boolean {
  return sql.first("SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'migrations'") !== null;
}

/** Brings the tables up to date. Synchronous, so no call sees the old ones. */
export function migrate(sql: Sql): void {
  sql.transaction(() => {
    sql.run("CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY)");
    const done = sql.all("SELECT number FROM migrations").length;
    MIGRATIONS.slice(done).forEach((statements, index) => {
      sql.run(statements);
      sql.run("INSERT INTO migrations (number) VALUES (?)", done + index + 1);
    });
  });
}
