import { CURSOR_SECRET_ROW } from "#storage/cursor-seal";

/**
 * The tables of an organization's deliveries. Append only: objects in the field have run what is here.
 *
 * Ids of messages and attempts are UUIDv7, so their order is the order of time and a moment is a range of ids. No table
 * has a secondary index: delivering an event writes four rows, and rows written are the bill.
 */
export const MIGRATIONS: readonly string[] = [
  `
  -- One JSON document each: what was tidied last.
  CREATE TABLE documents (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

  CREATE TABLE subscriptions (id TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

  -- The body is what is sent, to the byte.
  CREATE TABLE messages (
    id TEXT PRIMARY KEY,
    type TEXT NOT NULL,
    at INTEGER NOT NULL,
    order_key TEXT NOT NULL,
    body TEXT NOT NULL
  ) WITHOUT ROWID;

  -- What is still to be delivered, to whom and when. The next due is the first row of its subscription.
  CREATE TABLE queue (
    subscription_id TEXT NOT NULL,
    next_at INTEGER NOT NULL,
    message_id TEXT NOT NULL,
    order_key TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    PRIMARY KEY (subscription_id, next_at, message_id)
  ) WITHOUT ROWID;

  CREATE TABLE attempts (
    message_id TEXT NOT NULL,
    subscription_id TEXT NOT NULL,
    id TEXT NOT NULL,
    is_success INTEGER NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (message_id, subscription_id, id)
  ) WITHOUT ROWID;

  -- Collections as they were last known: an event of a connection may outlive its collection, or D1 be down.
  CREATE TABLE collections (readable_id TEXT PRIMARY KEY, id TEXT NOT NULL, name TEXT NOT NULL) WITHOUT ROWID;
  `,
  CURSOR_SECRET_ROW,
];
