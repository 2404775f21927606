import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import type { Schedule } from "#core/schedule";
import type { HookSettings } from "#triggers/webhook/hook";

// What every history is set in.

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** A minute with nothing special about it. */
export const BEGINNING = Date.UTC(2026, 2, 15, 9, 30, 17);

/** Long enough for a first sync in good weather, and too short for the first due time. */
export const FIRST_SYNC_MS = 90 * SECOND_MS;

export const ORGANIZATION = "00000000-0000-4000-8000-000000000001";
export const RECEIVER = "https://receiver.example/hook";

/** Planted, and looked for in everything that comes out. */
export const SECRET = "correct-horse-battery";

export function connectionId(index: number): string {
  return `5e000000-0000-4000-8000-00000000c0d${index}`;
}

/** The minutes between two due times, and those from the hour to the first of them. */
export const RUNS = { minutes: 5, offset: 0 };
export const FULL_SYNCS = { minutes: 15, offset: 7 };

export const SCHEDULE: Schedule = {
  cron: "*/5 * * * *",
  timezone: "UTC",
  full_sync_cron: "7-59/15 * * * *",
  continuous: true,
  cursor_field: null,
};

/** From how many entities on a stream is guarded, and the share of it that may go (README, by default). */
export const DELETE_GUARD = { minEntities: 4, ratio: 0.5 };

/** The inbound address that every connection has. Who sends a delivery again names it alike. */
export const HOOK: HookSettings = {
  verification: { scheme: "none" },
  condition: null,
  debounceSeconds: 5,
  deliveryIdHeader: "x-delivery",
};
export const HOOK_TOKEN = "the token of the address";
/** Quiet periods that a run waits at most (README, "Webhooks in"). */
export const HOOK_PERIODS = 10;

/**
 * Small budgets: a slice is a few pages, and a sweep does not reach everybody. Where an alarm is lost, the deadline comes
 * about when the watchdog does.
 */
export const VARIABLES = {
  SLUICE_API_KEY: "simulated-key-0123456789",
  SLUICE_ENCRYPTION_KEYS: "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
  SLICE_BUDGET_MS: "1500",
  REQUEST_TIMEOUT_MS: "5000",
  JOB_DEADLINE_SECONDS: "150",
  STREAM_CONCURRENCY: "2",
  SWEEP_LIMIT: "2",
  SWEEP_CONCURRENCY: "2",
};

const MIGRATIONS = join(import.meta.dirname, "../../src/records/migrations");

/** The statements that make D1's tables. */
export const TABLES: readonly string[] = readdirSync(MIGRATIONS)
  .toSorted()
  .map((file) => readFileSync(join(MIGRATIONS, file), "utf8"));
