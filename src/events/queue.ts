import { lowestIdAt, type EventType } from "#core/event";
import { numberOf, textOf, type Sql } from "#storage/sql";

/** One message that one subscriber has yet to be told. */
export interface Delivery {
  readonly subscriptionId: string;
  readonly messageId: string;
  readonly orderKey: string;
  /** Epoch milliseconds. */
  readonly nextAt: number;
  /** Attempts made, all of which have failed. */
  readonly attempts: number;
}

/** What is still to be delivered, for each subscription in the order in which it is due. */
export class Queue {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  add({ subscriptionId, nextAt, messageId, orderKey, attempts }: Delivery): void {
    this.#sql.run(
      "INSERT INTO queue (subscription_id, next_at, message_id, order_key, attempts) VALUES (?, ?, ?, ?, ?)",
      subscriptionId,
      nextAt,
      messageId,
      orderKey,
      attempts,
    );
  }

  /** Takes a delivery out; false if it is not there any more. */
  remove({ subscriptionId, nextAt, messageId }: Delivery): boolean {
    const exact = this.#sql.all(
      "DELETE FROM queue WHERE subscription_id = ? AND next_at = ? AND message_id = ? RETURNING message_id",
      subscriptionId,
      nextAt,
      messageId,
    );
    if (exact.length > 0) return true;
    // It was moved while it was under way.
    const moved = this.#sql.all(
      "DELETE FROM queue WHERE subscription_id = ? AND message_id = ? RETURNING message_id",
      subscriptionId,
      messageId,
    );
    return moved.length > 0;
  }

  removeAll(subscriptionId: string): void {
    this.#sql.run("DELETE FROM queue WHERE subscription_id = ?", subscriptionId);
  }

  /** Those that are due, the first due first. */
  due(subscriptionId: string, now: number, limit: number): Delivery[] {
    const rows = this.#sql.all(
      "SELECT * FROM queue WHERE subscription_id = ? AND next_at <= ? ORDER BY next_at, message_id LIMIT ?",
      subscriptionId,
      now,
      limit,
    );
    return rows.map((row) => ({
      subscriptionId,
      messageId: textOf(row, "message_id"),
      orderKey: textOf(row, "order_key"),
      nextAt: numberOf(row, "next_at"),
      attempts: numberOf(row, "attempts"),
    }));
  }

  /** When the first delivery after `now` is due; null if there is none. */
  nextAfter(subscriptionId: string, now: number): number | null {
    const row = this.#sql.first(
      "SELECT next_at FROM queue WHERE subscription_id = ? AND next_at > ? ORDER BY next_at LIMIT 1",
      subscriptionId,
      now,
    );
    return row === null ? null : numberOf(row, "next_at");
  }

  /**
   * Until when a message that waits for its first retry holds back the later ones of its order; 0 if none does. Looks at
   * all that is queued for the subscription: next to nothing, as long as its receiver keeps up.
   */
  heldUntil(subscriptionId: string, orderKey: string): number {
    const row = this.#sql.first(
      "SELECT coalesce(max(next_at), 0) AS until FROM queue WHERE subscription_id = ? AND order_key = ? AND attempts = 1",
      subscriptionId,
      orderKey,
    );
    return row === null ? 0 : numberOf(row, "until");
  }

  /** Holds the later messages of this one's order back until it is tried again. */
  holdBackAfter({ subscriptionId, orderKey, messageId, nextAt }: Delivery): void {
    this.#sql.run(
      `UPDATE queue SET next_at = ?1
       WHERE subscription_id = ?2 AND order_key = ?3 AND message_id > ?4 AND next_at < ?1 AND attempts = 0`,
      nextAt,
      subscriptionId,
      orderKey,
      messageId,
    );
  }

  /** Queues again, for now, every message of these types and times that was not delivered; answers how many. */
  recover(
    subscriptionId: string,
    types: readonly EventType[],
    range: { readonly since: number; readonly until: number },
    now: number,
  ): number {
    const [from, to] = [lowestIdAt(range.since), lowestIdAt(range.until)];
    this.#sql.run(
      "DELETE FROM queue WHERE subscription_id = ? AND message_id >= ? AND message_id < ?",
      subscriptionId,
      from,
      to,
    );
    const queued = this.#sql.all(
      `INSERT INTO queue (subscription_id, next_at, message_id, order_key, attempts)
       SELECT ?1, ?2, m.id, m.order_key, 0 FROM messages AS m
       WHERE m.id >= ?3 AND m.id < ?4 AND m.type IN (SELECT value FROM json_each(?5))
         AND NOT EXISTS (
           SELECT 1 FROM attempts AS a WHERE a.message_id = m.id AND a.subscription_id = ?1 AND a.is_success = 1)
       RETURNING message_id`,
      subscriptionId,
      now,
      from,
      to,
      JSON.stringify(types),
    );
    return queued.length;
  }
}
