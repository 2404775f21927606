import { z } from "zod";

import { backoffMs } from "#core/backoff";
import { log } from "#observability/log";
import { project, recordSchema, type SyncRecord } from "#records/projection";
import { withinTimeLimit } from "#sources/time-limit";
import type { Documents } from "./documents.ts";
import { numberOf, textOf, type Sql } from "./sql.ts";

/** Rows delivered in one batch: well within the 50 queries an invocation may make on the free plan. */
const BATCH = 20;

/** Longest pause between deliveries while D1 does not answer. */
const RETRY_CAP_MS = 60_000;

/** A D1 that takes longer is treated as down for now; what it does late is harmless. */
const DELIVERY = {
  milliseconds: 10_000,
  signal: new AbortController().signal,
  timedOut: () => new Error("D1 did not answer in time."),
};

const stateSchema = z.object({ attempts: z.number(), retryAt: z.number() });

/**
 * What D1 has yet to be told. Rows are added in the transaction that makes them true, and removed once D1 has them;
 * a newer version of a record takes the place of one still waiting.
 */
export class Outbox {
  readonly #sql: Sql;
  readonly #documents: Documents;
  readonly #db: D1Database;
  #delivery: Promise<boolean> | null = null;

  constructor(sql: Sql, documents: Documents, db: D1Database) {
    this.#sql = sql;
    this.#documents = documents;
    this.#db = db;
  }

  add(record: SyncRecord): void {
    this.#sql.run(
      `INSERT INTO outbox (key, version, value) VALUES (?, ?, ?)
       ON CONFLICT (key) DO UPDATE SET version = excluded.version, value = excluded.value`,
      `${record.kind}:${record.id}`,
      record.version,
      JSON.stringify(record),
    );
  }

  /** When to look after it next; null when there is nothing to deliver. */
  dueAt(now: number): number | null {
    if (this.isEmpty()) return null;
    // A delivery under way ends before then, or its object has died with it.
    if (this.#delivery !== null) return now + DELIVERY.milliseconds;
    return this.#documents.read("outbox", stateSchema)?.retryAt ?? now;
  }

  /** Forgets what was waiting: it does not matter any more. */
  clear(): void {
    this.#sql.run("DELETE FROM outbox");
  }

  isEmpty(): boolean {
    return this.#sql.first("SELECT 1 AS found FROM outbox LIMIT 1") === null;
  }

  /**
   * Delivers until nothing is left or D1 fails. One delivery at a time: callers share the one under way, which takes
   * along what has been added since it began.
   *
   * @returns whether everything has been delivered
   */
  async deliver(now: () => number, random: () => number): Promise<boolean> {
    this.#delivery ??= this.#deliverAll(now, random).finally(() => (this.#delivery = null));
    return this.#delivery;
  }

  async #deliverAll(now: () => number, random: () => number): Promise<boolean> {
    for (;;) {
      const rows = this.#sql.all("SELECT key, version, value FROM outbox LIMIT ?", BATCH);
      if (rows.length === 0) return true;
      try {
        const records = rows.map((row) => recordSchema.parse(JSON.parse(textOf(row, "value"))));
        await withinTimeLimit(DELIVERY, () => project(this.#db, records));
      } catch (error) {
        this.#postpone(now(), random(), error);
        return false;
      }
      this.#sql.transaction(() => {
        for (const row of rows) {
          this.#sql.run(
            "DELETE FROM outbox WHERE key = ? AND version = ?",
            textOf(row, "key"),
            numberOf(row, "version"),
          );
        }
        if (this.#documents.read("outbox", stateSchema) !== null) this.#documents.remove("outbox");
      });
    }
  }

  #postpone(now: number, random: number, error: unknown): void {
    const attempts = (this.#documents.read("outbox", stateSchema)?.attempts ?? 0) + 1;
    const retryAt = now + backoffMs(attempts, random, RETRY_CAP_MS);
    this.#documents.write("outbox", { attempts, retryAt });
    const message = error instanceof Error ? error.message : String(error);
    log({ event: "delivery_failed", attempts, retry_at: new Date(retryAt).toISOString(), message });
  }
}
