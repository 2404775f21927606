import { z } from "zod";

import { backoffMs } from "#core/backoff";
import { log } from "#observability/log";
import type { SyncRecord } from "#records/projection";
import { withinTimeLimit } from "#sources/time-limit";
import type { Documents } from "#storage/documents";
import type { Sql } from "#storage/sql";
import { recordOf, type OutboxRow, type OutboxRows } from "./outbox-rows.ts";

/** Delivers records to D1, whole or not at all. */
export type Project = (records: readonly SyncRecord[]) => Promise<void>;

/** Rows delivered in one batch: well within the 50 queries an invocation may make on the free plan. */
const BATCH = 20;

/** Longest pause between deliveries while D1 does not answer. */
const RETRY_CAP_MS = 60_000;

/** A D1 that takes longer is treated as down for now; what it does late is harmless. */
const DELIVERY = {
  milliseconds: 10_000,
  timedOut: () => new Error("D1 did not answer in time."),
};

const stateSchema = z.object({ attempts: z.number(), retryAt: z.number() });

/**
 * What D1 has yet to be told. Rows are added in the transaction that makes them true; a newer version of a record takes
 * the place of one still waiting. Rows that D1 has are remembered in memory and removed when there is time (`tidy`): a
 * write here would hold back the answer to whoever waits for the delivery. Delivered twice they do no harm.
 */
export class Outbox {
  readonly #sql: Pick<Sql, "transaction">;
  readonly #rows: OutboxRows;
  readonly #documents: Documents;
  readonly #project: Project;
  /** Versions that D1 has, by key. */
  readonly #delivered = new Map<string, number>();
  /** Has a batch been taken whose end nobody has told yet? */
  #isUnderWay = false;
  #delivery: Promise<boolean> | null = null;

  constructor(sql: Pick<Sql, "transaction">, rows: OutboxRows, documents: Documents, project: Project) {
    this.#sql = sql;
    this.#rows = rows;
    this.#documents = documents;
    this.#project = project;
  }

  add(record: SyncRecord): void {
    this.#rows.put(record, JSON.stringify(record));
  }

  /** When to look after it next; null when there is nothing to deliver. */
  dueAt(now: number): number | null {
    if (this.isEmpty()) return null;
    // A delivery under way ends before then, or its object has died with it.
    if (this.#isUnderWay) return now + DELIVERY.milliseconds;
    return this.#documents.read("outbox", stateSchema)?.retryAt ?? now;
  }

  /** Forgets what was waiting: it does not matter any more. */
  clear(): void {
    this.#rows.clear();
    this.#delivered.clear();
  }

  /** Does D1 know everything? */
  isEmpty(): boolean {
    return this.#waiting(1).length === 0;
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

  /** Removes what has been delivered. */
  tidy(): void {
    if (this.#delivered.size === 0) return;
    this.#sql.transaction(() => {
      for (const [key, version] of this.#delivered) this.#rows.remove(key, version);
      if (this.#documents.read("outbox", stateSchema) !== null) this.#documents.remove("outbox");
    });
    this.#delivered.clear();
  }

  /**
   * The next records that D1 has to be told; null where it knows everything. How it went is said with `delivered` or
   * `postpone`.
   */
  take(): readonly OutboxRow[] | null {
    const rows = this.#waiting(BATCH);
    this.#isUnderWay = rows.length > 0;
    return this.#isUnderWay ? rows : null;
  }

  /** D1 has what was taken. */
  delivered(rows: readonly OutboxRow[]): void {
    this.#isUnderWay = false;
    for (const { key, version } of rows) this.#delivered.set(key, version);
    if (this.#delivered.size > BATCH) this.tidy();
  }

  /** D1 may have what was taken, or not: it is told again after a pause. */
  postpone(now: number, random: number, error: unknown): void {
    this.#isUnderWay = false;
    const attempts = (this.#documents.read("outbox", stateSchema)?.attempts ?? 0) + 1;
    const retryAt = now + backoffMs(attempts, random, RETRY_CAP_MS);
    this.#documents.write("outbox", { attempts, retryAt });
    const message = error instanceof Error ? error.message : String(error);
    log({ event: "delivery_failed", attempts, retry_at: new Date(retryAt).toISOString(), message });
  }

  async #deliverAll(now: () => number, random: () => number): Promise<boolean> {
    for (let rows = this.take(); rows !== null; rows = this.take()) {
      const batch = rows;
      try {
        await withinTimeLimit(DELIVERY, () => this.#project(batch.map(recordOf)));
      } catch (error) {
        this.postpone(now(), random(), error);
        return false;
      }
      this.delivered(batch);
    }
    return true;
  }

  #waiting(limit: number): OutboxRow[] {
    return this.#rows
      .list(limit + this.#delivered.size)
      .filter(({ key, version }) => this.#delivered.get(key) !== version)
      .slice(0, limit);
  }
}
