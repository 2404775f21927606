import { CURSOR_SECRET_ROW } from "#storage/cursor-seal";
import { applyMigrations, hasTables } from "#storage/migrations";
import type { Sql } from "#storage/sql";

/**
 * The object's tables. Append only: objects in the field have run what is here, so an entry is never edited.
 *
 * Every table is WITHOUT ROWID where its key is not a rowid, and none has a secondary index: each b-tree that a row
 * is in is a row written, and rows written are the bill.
 */
export const MIGRATIONS: readonly string[] = [
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
  `
  -- What subscribers have yet to be told: a row for each event, until the organization's deliveries have it.
  CREATE TABLE events (id TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  `,
  `
  -- The last deliveries that came in by webhook, in fifty slots: when, and what became of each. Nothing of what they said.
  CREATE TABLE hook_deliveries (
    slot INTEGER PRIMARY KEY,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT,
    delivery_id TEXT,
    job_id TEXT
  );

  -- Ids of deliveries of the last day, so that one that is sent again is noticed.
  CREATE TABLE hook_delivery_ids (id TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
  `,
  `
  -- What happened in the last jobs, for people: fifty entries a row, as a JSON array.
  CREATE TABLE job_log (
    job_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    -- Entries so far that there was no room for.
    dropped INTEGER NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (job_id, number)
  ) WITHOUT ROWID;
  `,
  `
  ${CURSOR_SECRET_ROW}
  -- What the feed gave out before cursors were signed stays good: up to here.
  INSERT INTO documents (key, value)
  SELECT 'unsigned_feed', (SELECT coalesce(max(seq), 0) + 1 FROM changes) FROM documents WHERE key = 'connection';
  `,
];

/** Has this object been given tables? */
export function hasSchema(sql: Sql): boolean {
  return hasTables(sql);
}

/** Brings the tables up to date. */
export function migrate(sql: Sql): void {
  applyMigrations(sql, MIGRATIONS);
}
