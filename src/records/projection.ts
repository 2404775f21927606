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
    created_at, modified_at, deleted_at, next_run_at, wake_at)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
  ON CONFLICT (id) DO UPDATE SET version = excluded.version, collection_id = excluded.collection_id,
    name = excluded.name, status = excluded.status, entity_count = excluded.entity_count,
    modified_at = excluded.modified_at, deleted_at = excluded.deleted_at,
    next_run_at = excluded.next_run_at, wake_at = excluded.wake_at
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

const FORGET_JOBS = "DELETE FROM sync_jobs WHERE source_connection_id = ?1";

/**
 * Delivers records to D1 in one round trip. Late, doubled and reordered deliveries are harmless: a row never goes
 * back to a smaller version. Throws what D1 throws, and then nothing of it has been written.
 */
export async function project(db: D1Database, records: readonly SyncRecord[]): Promise<void> {
  const statements = records.flatMap((record) =>
    record.kind === "job" ? [upsertJob(db, record)] : upsertConnection(db, record),
  );
  const [only] = statements;
  if (statements.length === 1 && only !== undefined) await only.run();
  else if (statements.length > 1) await db.batch(statements);
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
      record.wakeAt,
    );
  return record.deletedAt === null ? [upsert] : [upsert, db.prepare(FORGET_JOBS).bind(record.id)];
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
