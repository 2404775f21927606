import { z } from "zod";

import { CannotOpen, resealed, sealedSchema, type SealingKey } from "#auth/credentials";
import type { Documents } from "#storage/documents";
import { numberOf, textOf, type Sql, type SqlRow } from "#storage/sql";
import {
  hookOutcomeSchema,
  hookSettingsSchema,
  NO_DELIVERIES,
  type HookDelivery,
  type HookOutcome,
} from "#triggers/webhook/hook";

const storedHookSchema = z.object({
  /** SHA-256 of the token; the token itself is nowhere. */
  tokenHash: z.string(),
  previousToken: z.object({ hash: z.string(), until: z.number() }).nullable(),
  settings: hookSettingsSchema,
  /** `{secrets: […]}`, sealed like credentials. */
  secrets: sealedSchema,
  secretCount: z.number(),
  /** Epoch milliseconds, like every `…At`. */
  createdAt: z.number(),
  modifiedAt: z.number(),
  rotatedAt: z.number(),
});
/** The inbound address as the object keeps it. */
export type StoredHook = z.infer<typeof storedHookSchema>;

const waitingSchema = z.object({
  firstAt: z.number(),
  lastAt: z.number(),
  /** When D1 was told that the run is due; null where it knows of none. */
  toldDueAt: z.number().nullable().default(null),
});
/** Accepted deliveries that a run has yet to stand for: debounced ones, and those of a paused connection. */
export type HookWaiting = z.infer<typeof waitingSchema>;

/** By outcome. Those that are newer than what is stored are not in it; some may be of a later release, before a return. */
const countsSchema = z.record(z.string(), z.number());

/** Deliveries that the owner is shown. */
const KEPT_DELIVERIES = 50;

/** How long a delivery's id is remembered: providers give up sending again within a day, or nearly all do. */
const ID_MEMORY_MS = 86_400_000;
/** Ids remembered at most: about 2 MB. Beyond it the oldest are forgotten before their day is over. */
const KEPT_IDS = 20_000;
/** Deliveries between two looks for ids to forget: each look walks over all of them. */
const FORGET_EVERY = 500;

/** The connection's inbound address, and what came in at it. */
export class HookStore {
  readonly #sql: Sql;
  readonly #documents: Documents;

  constructor(sql: Sql, documents: Documents) {
    this.#sql = sql;
    this.#documents = documents;
  }

  read(): StoredHook | null {
    return this.#documents.read("hook", storedHookSchema);
  }

  write(hook: StoredHook): void {
    this.#documents.write("hook", hook);
  }

  /** Seals the secrets with the newest key, if they are not yet. Those that don't open stay as they are. */
  async reseal(keys: readonly SealingKey[], connectionId: string): Promise<void> {
    const sealed = this.read()?.secrets;
    if (sealed === undefined) return;
    try {
      const secrets = await resealed(keys, connectionId, sealed);
      if (secrets === null) return;
      const stored = this.read();
      // What was put in their place meanwhile is newer, and sealed with the newest key.
      if (stored?.secrets.ciphertext === sealed.ciphertext) this.write({ ...stored, secrets });
    } catch (error) {
      if (!(error instanceof CannotOpen)) throw error;
    }
  }

  /** Forgets the address and what came in at it, but not that a run waits: its deliveries were accepted. */
  remove(): void {
    for (const key of ["hook", "hook_counts"]) this.#documents.remove(key);
    this.#sql.run("DELETE FROM hook_deliveries");
    this.#sql.run("DELETE FROM hook_delivery_ids");
  }

  waiting(): HookWaiting | null {
    return this.#documents.read("hook_waiting", waitingSchema);
  }

  saveWaiting(waiting: HookWaiting): void {
    this.#documents.write("hook_waiting", waiting);
  }

  dropWaiting(): void {
    this.#documents.remove("hook_waiting");
  }

  counts(): Readonly<Record<HookOutcome, number>> {
    const stored = this.#allCounts();
    const counts = { ...NO_DELIVERIES };
    for (const outcome of hookOutcomeSchema.options) counts[outcome] = stored[outcome] ?? 0;
    return counts;
  }

  /** Notes a delivery in the place of the one that is fifty older: one row written, and none to delete. */
  note(delivery: HookDelivery): void {
    const counts = this.#allCounts();
    const number = totalOf(counts);
    this.#documents.write("hook_counts", { ...counts, [delivery.outcome]: (counts[delivery.outcome] ?? 0) + 1 });
    this.#sql.run(
      "INSERT OR REPLACE INTO hook_deliveries (slot, number, at, outcome, reason, delivery_id, job_id) VALUES (?, ?, ?, ?, ?, ?, ?)",
      number % KEPT_DELIVERIES,
      number,
      delivery.at,
      delivery.outcome,
      delivery.reason,
      delivery.deliveryId,
      delivery.jobId,
    );
    if (number % FORGET_EVERY === 0) this.#forgetIds(delivery.at);
  }

  /** Newest first, without those of whose outcome only a later release knows. */
  deliveries(): HookDelivery[] {
    return this.#sql.all("SELECT * FROM hook_deliveries ORDER BY number DESC").flatMap((row) => {
      const outcome = hookOutcomeSchema.safeParse(row["outcome"]);
      return outcome.success ? [deliveryOf(row, outcome.data)] : [];
    });
  }

  /** Has a delivery with this id been accepted less than a day ago? */
  knows(deliveryId: string, now: number): boolean {
    const since = now - ID_MEMORY_MS;
    return this.#sql.first("SELECT 1 FROM hook_delivery_ids WHERE id = ? AND at > ?", deliveryId, since) !== null;
  }

  remember(deliveryId: string, now: number): void {
    this.#sql.run("INSERT OR REPLACE INTO hook_delivery_ids (id, at) VALUES (?, ?)", deliveryId, now);
  }

  #allCounts(): Readonly<Record<string, number>> {
    return { ...NO_DELIVERIES, ...this.#documents.read("hook_counts", countsSchema) };
  }

  #forgetIds(now: number): void {
    this.#sql.run("DELETE FROM hook_delivery_ids WHERE at <= ?", now - ID_MEMORY_MS);
    this.#sql.run(
      `DELETE FROM hook_delivery_ids WHERE at <= (SELECT at FROM hook_delivery_ids ORDER BY at DESC LIMIT 1 OFFSET ?)`,
      KEPT_IDS,
    );
  }
}

function totalOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

function deliveryOf(row: SqlRow, outcome: HookOutcome): HookDelivery {
  return {
    at: numberOf(row, "at"),
    outcome,
    reason: textOrNull(row, "reason"),
    deliveryId: textOrNull(row, "delivery_id"),
    jobId: textOrNull(row, "job_id"),
  };
}

function textOrNull(row: SqlRow, column: string): string | null {
  return row[column] === null ? null : textOf(row, column);
}
