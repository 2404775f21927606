import { z } from "zod";

import { backoffMs } from "#core/backoff";
import type { SluiceEvent } from "#core/event";
import { log } from "#observability/log";
import { withinTimeLimit } from "#sources/time-limit";
import type { Documents } from "#storage/documents";
import type { Sql } from "#storage/sql";
import type { EventRows } from "./event-rows.ts";

/** Hands events to their organization's deliveries, which takes each one in once however often it comes. */
export type PublishEvents = (organizationId: string, events: readonly SluiceEvent[]) => Promise<void>;

/** Events handed over at once. */
const BATCH = 50;

/**
 * How long a new event waits for the next: a job that starts tells that it is pending and running in one call, and the
 * answer to `run` is not held back by either.
 */
const GATHER_MS = 25;

/** Longest pause between tries while the deliveries do not answer. */
const RETRY_CAP_MS = 60_000;

const HANDOVER = {
  milliseconds: 10_000,
  timedOut: () => new Error("The organization's deliveries did not answer in time."),
};

const KEY = "events";
const stateSchema = z.object({ attempts: z.number(), retryAt: z.number() });

/** Events that the organization's deliveries have yet to take. Each is added in the transaction that makes it true. */
export class EventOutbox {
  readonly #sql: Pick<Sql, "transaction">;
  readonly #rows: EventRows;
  readonly #documents: Documents;
  readonly #publish: PublishEvents;
  /** When the last event was added, as long as the object has been in memory. */
  #addedAt = 0;
  /** Has a batch been taken whose end nobody has told yet? */
  #isUnderWay = false;
  #handover: Promise<void> | null = null;

  constructor(sql: Pick<Sql, "transaction">, rows: EventRows, documents: Documents, publish: PublishEvents) {
    this.#sql = sql;
    this.#rows = rows;
    this.#documents = documents;
    this.#publish = publish;
  }

  add(event: SluiceEvent): void {
    this.#rows.add(event);
    this.#addedAt = event.at;
  }

  isEmpty(): boolean {
    return this.#rows.isEmpty();
  }

  /** When to look after it next, in epoch milliseconds; null when there is nothing to hand over. */
  dueAt(now: number): number | null {
    if (this.isEmpty()) return null;
    // A handover under way ends before then, or its object has died with it.
    if (this.#isUnderWay) return now + HANDOVER.milliseconds;
    return this.#retryAt() ?? this.#addedAt + GATHER_MS;
  }

  /** Is a pause after a failure not over? */
  isPaused(now: number): boolean {
    return (this.#retryAt() ?? 0) > now;
  }

  /** Hands over what there is, in the order in which it happened, unless a pause after a failure is not over. */
  async deliver(organizationId: string, around: { now(): number; random(): number }): Promise<void> {
    if (this.isPaused(around.now())) return;
    this.#handover ??= this.#deliverAll(organizationId, around).finally(() => (this.#handover = null));
    await this.#handover;
  }

  /** The next events, oldest first; null where there are none. How it went is said with `delivered` or `postpone`. */
  take(): readonly SluiceEvent[] | null {
    const events = this.#rows.list(BATCH);
    this.#isUnderWay = events.length > 0;
    return this.#isUnderWay ? events : null;
  }

  /** They are where they were to go. */
  delivered(events: readonly SluiceEvent[]): void {
    this.#isUnderWay = false;
    this.#sql.transaction(() => {
      for (const { id } of events) this.#rows.remove(id);
      if (this.#retryAt() !== null) this.#documents.remove(KEY);
    });
  }

  /** They may be there, or not: they are handed over again after a pause. */
  postpone(organizationId: string, around: { now(): number; random(): number }, error: unknown): void {
    this.#isUnderWay = false;
    const attempts = (this.#documents.read(KEY, stateSchema)?.attempts ?? 0) + 1;
    const retryAt = around.now() + backoffMs(attempts, around.random(), RETRY_CAP_MS);
    this.#documents.write(KEY, { attempts, retryAt });
    const message = error instanceof Error ? error.message : String(error);
    const retry_at = new Date(retryAt).toISOString();
    log({ event: "publish_failed", organization_id: organizationId, attempts, retry_at, message });
  }

  async #deliverAll(organizationId: string, around: { now(): number; random(): number }): Promise<void> {
    for (let events = this.take(); events !== null; events = this.take()) {
      const batch = events;
      try {
        await withinTimeLimit(HANDOVER, () => this.#publish(organizationId, batch));
      } catch (error) {
        this.postpone(organizationId, around, error);
        return;
      }
      this.delivered(batch);
    }
  }

  #retryAt(): number | null {
    return this.#documents.read(KEY, stateSchema)?.retryAt ?? null;
  }
}
