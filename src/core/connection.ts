import { z } from "zod";

import { isTerminal, type ErrorCategory, type Job } from "./job.ts";
import type { Json, JsonObject } from "./json.ts";
import type { Plan, Schedule } from "./schedule.ts";

/** What a connection may set for its own syncs. Seconds and ratios; absent means the Worker's default. */
export const syncSettingsSchema = z.strictObject({
  /** Hold deletes back when a full pass would remove more than this share of a stream (0..1; 1 never holds back). */
  delete_guard_ratio: z.number().min(0).max(1).optional(),
  /** Streams with fewer entities than this are not guarded. */
  delete_guard_min_entities: z.int().min(0).optional(),
  /** How long a job may go on retrying before it fails. */
  job_deadline_seconds: z
    .int()
    .min(1)
    .max(30 * 86_400)
    .optional(),
});
export type SyncSettings = z.infer<typeof syncSettingsSchema>;

export type ConnectionStatus = "active" | "syncing" | "error" | "needs_reauth";

/**
 * How a connection looks from outside, given its newest job. A job that is only pending does not show, and
 * credentials that were replaced since, be it in the same millisecond, are given the benefit of the doubt.
 */
export function connectionStatus(lastJob: Job | null, credentialsChangedAt: number): ConnectionStatus {
  if (lastJob === null) return "active";
  if (lastJob.status === "FAILED") {
    if (!isCredentialCategory(lastJob.errorCategory)) return "error";
    return (lastJob.completedAt ?? 0) <= credentialsChangedAt ? "active" : "needs_reauth";
  }
  return isTerminal(lastJob.status) || lastJob.status === "PENDING" ? "active" : "syncing";
}

function isCredentialCategory(category: ErrorCategory | null): boolean {
  return category === "api_key_invalid";
}

export interface StreamSummary {
  readonly name: string;
  readonly count: number;
  /** Epoch milliseconds of the last insert, update or delete; null if there was none. */
  readonly lastChangedAt: number | null;
  /** Where the next job continues from; null where it reads everything. */
  readonly cursor: Json;
  /** Its owner asked for it to be read anew, and no job has yet. */
  readonly isReset: boolean;
}

/** Everything about a connection that its owner may see. Holds no credentials. */
export interface ConnectionSnapshot {
  readonly id: string;
  readonly organizationId: string;
  readonly name: string;
  readonly description: string | null;
  readonly shortName: string;
  /** The collection's readable id. */
  readonly collectionId: string;
  readonly config: JsonObject | null;
  readonly schedule: Schedule | null;
  /** Its owner wants nothing to start by itself. */
  readonly isPaused: boolean;
  readonly plan: Plan;
  readonly settings: SyncSettings;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly modifiedAt: number;
  readonly status: ConnectionStatus;
  readonly runs: { readonly total: number; readonly successful: number; readonly failed: number };
  readonly lastJob: Job | null;
  readonly streams: readonly StreamSummary[];
}
