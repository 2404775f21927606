import { z } from "zod";

import { countsSchema, errorCategorySchema, jobStatusSchema, syncModeSchema, triggerSchema } from "#core/job";

const connectionRecordSchema = z.object({
  kind: z.literal("connection"),
  id: z.string(),
  version: z.number(),
  organizationId: z.string(),
  collectionId: z.string(),
  name: z.string(),
  shortName: z.string(),
  status: z.enum(["active", "syncing", "error", "needs_reauth"]),
  entityCount: z.number(),
  createdAt: z.number(),
  modifiedAt: z.number(),
  deletedAt: z.number().nullable(),
  /** When the schedule is due next; null for never. Absent in what an earlier version left waiting. */
  nextRunAt: z.number().nullable().default(null),
  /** When a run is due that deliveries wait for; null for none. Absent likewise. */
  wakeAt: z.number().nullable().default(null),
  /** By its owner. Null in what an earlier version left waiting, which does not say. */
  isPaused: z.boolean().nullable().default(null),
});

const jobRecordSchema = z.object({
  kind: z.literal("job"),
  id: z.string(),
  version: z.number(),
  organizationId: z.string(),
  connectionId: z.string(),
  status: jobStatusSchema,
  trigger: triggerSchema,
  mode: syncModeSchema,
  createdAt: z.number(),
  startedAt: z.number().nullable(),
  completedAt: z.number().nullable(),
  counts: countsSchema,
  error: z.string().nullable(),
  errorCategory: errorCategorySchema.nullable(),
  wakeAt: z.number().nullable(),
});

export const recordSchema = z.discriminatedUnion("kind", [connectionRecordSchema, jobRecordSchema]);
export type ConnectionRecord = z.infer<typeof connectionRecordSchema>;
export type JobRecord = z.infer<typeof jobRecordSchema>;
/** What an object tells D1: the newest state of one row. */
export type SyncRecord = z.infer<typeof recordSchema>;

const UPSERT_CONNECTION = `
  INSERT INTO source_connections (id, version, organization_id, collection_id, name, short_name, status, entity_count,
    created_at, modified_at, deleted_at, next_run_at, wake_at, is_paused)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
  ON CONFLICT (id) DO UPDATE SET version = excluded.version, collection_id = excluded.collection_id,
    name = excluded.name, status = excluded.status, entity_count = excluded.entity_count,
    modified_at = excluded.modified_at, deleted_at = excluded.deleted_at,
    next_run_at = excluded.next_run_at, wake_at = excluded.wake_at, is_paused = excluded.is_paused
  WHERE excluded.version > source_connections.version`;

// A job of a deleted connection that arrives late finds the deletion, and stays out.
const UPSERT_JOB = `
  INSERT INTO sync_jobs (id, version, organization_id, source_connection_id, status, trigger, sync_mode,
    created_at, started_at, completed_at, entities_inserted, entities_updated, entities_deleted, entities_kept,
    entities_failed, error, error_category, wake_at)
  SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18
  WHERE NOT EXISTS (SELECT 1 FROM source_connections WHERE id = ?4 AND deleted_at IS NOT NULL)
  ON CONFLICT (id) DO UPDATE SET version = excluded.version, status = excluded.status,
    sync_mode = excluded.sync_mode, started_at = excluded.started_at, completed_at = excluded.completed_at,
    entities_inserted = excluded.entities_inserted, entities_updated = excluded.entities_updated,
    entities_deleted = excluded.entities_deleted, entities_kept = excluded.entities_kept,
    entities_failed = excluded.entities_failed, error = excluded.error, error_category = excluded.error_category,
    wake_at = excluded.wake_at
  WHERE excluded.version > sync_jobs.version`;

/** The longest durations, in seconds, of the classes that ended jobs are counted in. What took longer is in none. */
export const DURATION_CLASSES = [1, 10, 60, 600, 3_600, 14_400] as const;

// Comes before the job's own row, so that a job which D1 knows as ended is counted once, however often it is told.
// D1 learns of the end about now: how long that took is how far the outbox lags behind.
const COUNT_ENDED_JOB = `
  INSERT INTO job_totals (organization_id, status, trigger, duration_class, jobs, duration_ms, lag_ms,
    entities_inserted, entities_updated, entities_deleted, entities_kept, entities_failed)
  SELECT ?1, ?2, ?3, ?4, 1, ?5, max(0, CAST(unixepoch('subsec') * 1000 AS INTEGER) - ?6), ?7, ?8, ?9, ?10, ?11
  WHERE NOT EXISTS (SELECT 1 FROM sync_jobs WHERE id = ?12 AND completed_at IS NOT NULL)
    AND NOT EXISTS (SELECT 1 FROM source_connections WHERE id = ?13 AND deleted_at IS NOT NULL)
  ON CONFLICT DO UPDATE SET jobs = jobs + 1, duration_ms = duration_ms + excluded.duration_ms,
    lag_ms = lag_ms + excluded.lag_ms, entities_inserted = entities_inserted + excluded.entities_inserted,
    entities_updated = entities_updated + excluded.entities_updated,
    entities_deleted = entities_deleted + excluded.entities_deleted,
    entities_kept = entities_kept + excluded.entities_kept,
    entities_failed = entities_failed + excluded.entities_failed`;

const FORGET_JOBS = "DELETE FROM sync_jobs WHERE source_connection_id = ?1";

/**
 * Delivers records to D1 in one round trip. Late, doubled and reordered deliveries are harmless: a row never goes
 * back to a smaller version. Throws what D1 throws, and then nothing of it has been written.
 */
export async function project(db: D1Database, records: readonly SyncRecord[]): Promise<void> {
  const statements = records.flatMap((record) =>
    record.kind === "job" ? [...countEndedJob(db, record), upsertJob(db, record)] : upsertConnection(db, record),
  );
  const [only] = statements;
  if (statements.length === 1 && only !== undefined) await only.run();
  else if (statements.length > 1) await db.batch(statements);
}

/** Then the watchdog is to call the connection, which says all there is to say. */
function isUnsaid({ isPaused, deletedAt }: ConnectionRecord): boolean {
  return isPaused === null && deletedAt === null;
}

function upsertConnection(db: D1Database, record: ConnectionRecord): D1PreparedStatement[] {
  const upsert = db
    .prepare(UPSERT_CONNECTION)
    .bind(
      record.id,
      record.version,
      record.organizationId,
      record.collectionId,
      record.name,
      record.shortName,
      record.status,
      record.entityCount,
      record.createdAt,
      record.modifiedAt,
      record.deletedAt,
      record.nextRunAt,
      record.wakeAt ?? (isUnsaid(record) ? record.modifiedAt : null),
      Number(record.isPaused === true),
    );
  return record.deletedAt === null ? [upsert] : [upsert, db.prepare(FORGET_JOBS).bind(record.id)];
}

function countEndedJob(db: D1Database, record: JobRecord): D1PreparedStatement[] {
  const { completedAt, counts } = record;
  if (completedAt === null) return [];
  const durationMs = completedAt - (record.startedAt ?? completedAt);
  const statement = db
    .prepare(COUNT_ENDED_JOB)
    .bind(
      record.organizationId,
      record.status,
      record.trigger,
      DURATION_CLASSES.find((seconds) => durationMs <= seconds * 1000) ?? 0,
      durationMs,
      completedAt,
      counts.inserted,
      counts.updated,
      counts.deleted,
      counts.kept,
      counts.failed,
      record.id,
      record.connectionId,
    );
  return [statement];
}

function upsertJob(db: D1Database, record: JobRecord): D1PreparedStatement {
  return db
    .prepare(UPSERT_JOB)
    .bind(
      record.id,
      record.version,
      record.organizationId,
      record.connectionId,
      record.status,
      record.trigger,
      record.mode,
      record.createdAt,
      record.startedAt,
      record.completedAt,
      record.counts.inserted,
      record.counts.updated,
      record.counts.deleted,
      record.counts.kept,
      record.counts.failed,
      record.error,
      record.errorCategory,
      record.wakeAt,
    );
}
