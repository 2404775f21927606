import { z } from "zod";

import { unexpectedError } from "#observability/events";
import { log } from "#observability/log";
import { planLook } from "#records/delivery-looks";
import { withinTimeLimit } from "#sources/time-limit";
import type { Documents } from "#storage/documents";
import type { Look } from "./rpc.ts";

/** The watchdog looks so long after something was due: an alarm may be late by a minute, and an attempt takes seconds. */
const GRACE_MS = 300_000;

/** A look that is so long overdue is not coming: D1 has lost it. */
const LOST_AFTER_MS = 900_000;

/** An alarm that is no later may still come by itself. */
const LATE_MS = 120_000;

/** Whoever publishes waits no longer for D1. The next event, or the alarm, tells it again. */
const PATIENCE = {
  milliseconds: 3_000,
  timedOut: () => new Error("D1 did not answer in time."),
};

const KEY = "lookout";
const lookoutSchema = z.object({ organizationId: z.string(), lookAt: z.number().nullable() });
type State = z.infer<typeof lookoutSchema>;

/**
 * Lets D1 know that deliveries are waiting, so that the watchdog finds an object whose alarm was lost. It comes once in a
 * while as long as something is queued, and is not needed by those who are told nothing: at most a row is written to D1
 * in five minutes, and none for an organization in which nothing happens.
 */
export class Lookout {
  readonly #documents: Documents;
  readonly #db: D1Database;
  /** Undefined until it is read. */
  #state: State | null | undefined = undefined;
  #isPlanning = false;

  constructor(documents: Documents, db: D1Database) {
    this.#documents = documents;
    this.#db = db;
  }

  /** An object does not know by itself whose it is. */
  learn(organizationId: string): void {
    if (this.#read() === null) this.#write({ organizationId, lookAt: null });
  }

  /**
   * Something is queued, and due then: D1 is told, unless a look is planned that is early enough. A fault is logged and
   * keeps nothing from being delivered.
   */
  async plan(dueAt: number, now: number): Promise<void> {
    const state = this.#read();
    const at = Math.max(dueAt, now) + GRACE_MS;
    if (state === null || this.#isPlanning || isBetween(state.lookAt, now - LOST_AFTER_MS, at)) return;
    this.#isPlanning = true;
    try {
      await withinTimeLimit(PATIENCE, () => planLook(this.#db, { organizationId: state.organizationId, at }));
      this.#write({ ...state, lookAt: at });
    } catch (error) {
      log(unexpectedError("planning a look at deliveries", null, error));
    } finally {
      this.#isPlanning = false;
    }
  }

  /** The watchdog has come. `dueAt`: when the next delivery is due; null where none is queued. */
  look(dueAt: number | null, now: number): Look {
    const state = this.#read();
    const next = dueAt === null ? null : Math.max(dueAt, now) + GRACE_MS;
    if (state !== null) this.#write({ ...state, lookAt: next });
    return { next, wasLate: dueAt !== null && dueAt < now - LATE_MS };
  }

  #read(): State | null {
    if (this.#state === undefined) this.#state = this.#documents.read(KEY, lookoutSchema);
    return this.#state;
  }

  #write(state: State): void {
    this.#documents.write(KEY, state);
    this.#state = state;
  }
}

function isBetween(value: number | null, least: number, most: number): boolean {
  return value !== null && value >= least && value <= most;
}
