import { z } from "@hono/zod-openapi";

import { syncSettingsSchema, type ConnectionSnapshot } from "#core/connection";
import { errorCategorySchema } from "#core/job";
import { timestamp, timestampOrNull } from "#http/timestamp";
import type { ConnectionRow, ListedConnectionRow, RecentJobRow } from "#records/rows";
import { jsonObject } from "./authentication.ts";
import { durationSeconds, lastJobBody, lastJobBodySchema } from "./job.ts";
import { scheduleBody, scheduleBodySchema } from "./schedule.ts";

const time = z.iso.datetime();
const status = z.enum(["active", "syncing", "error", "needs_reauth"]);
const isPaused = z
  .boolean()
  .openapi({ description: "By its owner: neither its schedule nor its webhook starts a job." });

const recentJobSchema = lastJobBodySchema
  .pick({
    id: true,
    status: true,
    duration_seconds: true,
    entities_inserted: true,
    entities_updated: true,
    entities_deleted: true,
  })
  .extend({ created_at: time })
  .openapi("RecentJob");

export const listItemSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    short_name: z.string(),
    readable_collection_id: z.string(),
    created_at: time,
    modified_at: time,
    is_authenticated: z.boolean(),
    entity_count: z.int(),
    federated_search: z.boolean(),
    auth_method: z.literal("direct"),
    status,
    is_paused: isPaused,
  })
  .openapi("SourceConnectionListItem");
export type ListItemBody = z.infer<typeof listItemSchema>;

/** A list's item with what an overview shows besides. */
export const overviewItemSchema = listItemSchema
  .extend({
    next_run: time.nullable().openapi({
      description: "When its schedule starts the next job; null for never, and while the schedule is paused.",
    }),
    last_error: z.string().nullable().openapi({ description: "Why the newest job failed, where jobs were asked for." }),
    recent_jobs: z.array(recentJobSchema).openapi({ description: "As many as were asked for, newest first." }),
  })
  .openapi("SourceConnectionOverviewItem");
export type OverviewItemBody = z.infer<typeof overviewItemSchema>;

const authSchema = z.object({
  method: z.literal("direct"),
  authenticated: z.boolean(),
  authenticated_at: time.nullable(),
  expires_at: time.nullable(),
  auth_url: z.string().nullable(),
  auth_url_expires: time.nullable(),
  redirect_url: z.string().nullable(),
  claim_token: z.string().nullable(),
  provider_readable_id: z.string().nullable(),
  provider_id: z.string().nullable(),
});

const syncSchema = z.object({
  total_runs: z.int(),
  successful_runs: z.int(),
  failed_runs: z.int(),
  last_job: lastJobBodySchema.nullable(),
});

const entitiesSchema = z.object({
  total_entities: z.int(),
  by_type: z.record(z.string(), z.object({ count: z.int(), last_updated: time.nullable() })),
});

export const sourceConnectionSchema = z
  .object({
    id: z.uuid(),
    organization_id: z.uuid(),
    name: z.string(),
    description: z.string().nullable(),
    short_name: z.string(),
    readable_collection_id: z.string(),
    status,
    created_at: time,
    modified_at: time,
    auth: authSchema,
    config: jsonObject.nullable(),
    schedule: scheduleBodySchema.nullable(),
    is_paused: isPaused,
    sync: syncSchema.nullable().openapi({ description: "Null until there is a first job." }),
    sync_id: z.uuid().nullable(),
    entities: entitiesSchema.nullable(),
    error_category: errorCategorySchema.nullable(),
    error_message: z.string().nullable(),
    provider_settings_url: z.string().nullable(),
    provider_short_name: z.string().nullable(),
    federated_search: z.boolean(),
    sync_settings: syncSettingsSchema,
  })
  .openapi("SourceConnection");
export type SourceConnectionBody = z.infer<typeof sourceConnectionSchema>;

const BAD_CREDENTIALS = "The API key for this connection is no longer valid.";

export function listItemBody(row: ConnectionRow): ListItemBody {
  return {
    id: row.id,
    name: row.name,
    short_name: row.short_name,
    readable_collection_id: row.collection_id,
    created_at: timestamp(row.created_at),
    modified_at: timestamp(row.modified_at),
    is_authenticated: true,
    entity_count: row.entity_count,
    federated_search: false,
    auth_method: "direct",
    status: row.status,
    is_paused: row.is_paused,
  };
}

export function overviewItemBody(row: ListedConnectionRow): OverviewItemBody {
  return {
    ...listItemBody(row),
    next_run: timestampOrNull(row.next_run_at),
    last_error: row.error,
    recent_jobs: row.recent_jobs.map(recentJobBody),
  };
}

function recentJobBody(job: RecentJobRow): OverviewItemBody["recent_jobs"][number] {
  return {
    id: job.id,
    status: job.status,
    created_at: timestamp(job.created_at),
    duration_seconds: durationSeconds(job.started_at, job.completed_at),
    entities_inserted: job.entities_inserted,
    entities_updated: job.entities_updated,
    entities_deleted: job.entities_deleted,
  };
}

export function sourceConnectionBody(snapshot: ConnectionSnapshot): SourceConnectionBody {
  const { lastJob } = snapshot;
  const failed = lastJob?.status === "FAILED" ? lastJob : null;
  return {
    id: snapshot.id,
    organization_id: snapshot.organizationId,
    name: snapshot.name,
    description: snapshot.description,
    short_name: snapshot.shortName,
    readable_collection_id: snapshot.collectionId,
    status: snapshot.status,
    created_at: timestamp(snapshot.createdAt),
    modified_at: timestamp(snapshot.modifiedAt),
    auth: directAuth(snapshot),
    config: snapshot.config,
    schedule: scheduleBody(snapshot),
    is_paused: snapshot.isPaused,
    sync: syncBody(snapshot),
    sync_id: snapshot.id,
    entities: entitiesBody(snapshot),
    error_category: failed?.errorCategory ?? null,
    error_message: failed?.errorCategory === "api_key_invalid" ? BAD_CREDENTIALS : (failed?.error ?? null),
    provider_settings_url: null,
    provider_short_name: null,
    federated_search: false,
    sync_settings: snapshot.settings,
  };
}

function directAuth(snapshot: ConnectionSnapshot): SourceConnectionBody["auth"] {
  return {
    method: "direct",
    authenticated: true,
    authenticated_at: timestamp(snapshot.createdAt),
    expires_at: null,
    auth_url: null,
    auth_url_expires: null,
    redirect_url: null,
    claim_token: null,
    provider_readable_id: null,
    provider_id: null,
  };
}

function syncBody({ lastJob, runs }: ConnectionSnapshot): SourceConnectionBody["sync"] {
  if (lastJob === null) return null;
  return {
    total_runs: runs.total,
    successful_runs: runs.successful,
    failed_runs: runs.failed,
    last_job: lastJobBody(lastJob),
  };
}

function entitiesBody({ streams }: ConnectionSnapshot): SourceConnectionBody["entities"] {
  return {
    total_entities: streams.reduce((total, stream) => total + stream.count, 0),
    by_type: Object.fromEntries(
      streams.map(({ name, count, lastChangedAt }) => [name, { count, last_updated: timestampOrNull(lastChangedAt) }]),
    ),
  };
}
