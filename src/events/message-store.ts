import { z } from "zod";

import { eventTypeSchema, lowestIdAt, type SluiceEvent } from "#core/event";
import { numberOf, textOf, type Sql, type SqlRow } from "#storage/sql";
import type { Attempt, Message, MessagesRequest } from "./rpc.ts";

/** How long messages and attempts are kept. */
export const KEPT_MS = 14 * 86_400_000;

/** Messages looked at for a subscription's attempts, newest first. */
const RECENT_MESSAGES = 500;

/** Messages looked at for one page: a rare type must not make a listing read two weeks at once. */
const SCANNED_MESSAGES = 10_000;

/** Sorts after every id: they are lower-case hexadecimal. */
const AFTER_ALL = "g";

const attemptSchema = z.object({
  id: z.string(),
  messageId: z.string(),
  subscriptionId: z.string(),
  url: z.string(),
  isSuccess: z.boolean(),
  statusCode: z.number().nullable(),
  response: z.string().nullable(),
  error: z.string().nullable(),
  at: z.number(),
  durationMs: z.number(),
});

/** Which messages are wanted: those before this one, or the newest. */
type MessagesBefore = Omit<MessagesRequest, "cursor"> & { readonly before: string | null };

/** What happened in the organization, and what came of telling it. */
export class MessageStore {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** @returns false if the event was taken in before */
  add({ id, type, at, orderKey }: SluiceEvent, body: string): boolean {
    const added = this.#sql.all(
      `INSERT INTO messages (id, type, at, order_key, body) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (id) DO NOTHING RETURNING id`,
      id,
      type,
      at,
      orderKey,
      body,
    );
    return added.length > 0;
  }

  read(id: string): Message | null {
    const row = this.#sql.first("SELECT * FROM messages WHERE id = ?", id);
    return row === null ? null : messageOf(row);
  }

  /** Newest first. A page of a rare type may be empty and still have a next one. */
  list({ types, limit, before }: MessagesBefore): { readonly messages: Message[]; readonly next: string | null } {
    const rows = this.#sql.each(
      "SELECT * FROM messages WHERE id < ? ORDER BY id DESC LIMIT ?",
      before ?? AFTER_ALL,
      SCANNED_MESSAGES,
    );
    const messages: Message[] = [];
    let scanned = 0;
    let last: string | null = null;
    for (const row of rows) {
      if (messages.length === limit) return { messages, next: last };
      const message = messageOf(row);
      if (types === null || types.includes(message.type)) messages.push(message);
      last = message.id;
      scanned += 1;
    }
    return { messages, next: scanned === SCANNED_MESSAGES ? last : null };
  }

  addAttempt(attempt: Attempt): void {
    this.#sql.run(
      "INSERT INTO attempts (message_id, subscription_id, id, is_success, value) VALUES (?, ?, ?, ?, ?)",
      attempt.messageId,
      attempt.subscriptionId,
      attempt.id,
      attempt.isSuccess ? 1 : 0,
      JSON.stringify(attempt),
    );
  }

  /** Oldest first. */
  attemptsOf(messageId: string): Attempt[] {
    return this.#sql
      .all("SELECT value FROM attempts WHERE message_id = ?", messageId)
      .map(attemptOf)
      .toSorted((a, b) => a.at - b.at);
  }

  /** The newest attempts, over the newest messages. */
  recentAttempts(subscriptionId: string, limit: number): Attempt[] {
    const rows = this.#sql.all(
      `SELECT a.value FROM (SELECT id FROM messages ORDER BY id DESC LIMIT ?) AS m
       CROSS JOIN attempts AS a ON a.message_id = m.id AND a.subscription_id = ?`,
      RECENT_MESSAGES,
      subscriptionId,
    );
    return rows
      .map(attemptOf)
      .toSorted((a, b) => b.at - a.at)
      .slice(0, limit);
  }

  /** Forgets what is older than 14 days. */
  prune(now: number): void {
    const before = lowestIdAt(now - KEPT_MS);
    this.#sql.run("DELETE FROM queue WHERE message_id < ?", before);
    this.#sql.run("DELETE FROM attempts WHERE message_id < ?", before);
    this.#sql.run("DELETE FROM messages WHERE id < ?", before);
  }
}

function messageOf(row: SqlRow): Message {
  return {
    id: textOf(row, "id"),
    type: eventTypeSchema.parse(textOf(row, "type")),
    at: numberOf(row, "at"),
    body: textOf(row, "body"),
  };
}

function attemptOf(row: SqlRow): Attempt {
  return attemptSchema.parse(JSON.parse(textOf(row, "value")));
}
