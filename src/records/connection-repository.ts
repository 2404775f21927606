import { z } from "zod";

import { connectionRow, listedConnectionRow, type ListedConnectionRow } from "./rows.ts";

// Rows are written by the source connections' objects, see projection.ts; here only the sweep puts off a due time.

export interface ConnectionsRequest {
  readonly organizationId: string;
  /** A collection's readable id; null for all. */
  readonly collection: string | null;
  readonly skip: number;
  readonly limit: number;
  /** How many of each connection's newest jobs are wanted. */
  readonly recentJobs: number;
}

/** Newest first. */
export async function listConnections(db: D1Database, request: ConnectionsRequest): Promise<ListedConnectionRow[]> {
  const { results } = await db
    .prepare(
      `SELECT c.id, c.organization_id, c.collection_id, c.name, c.short_name, c.status, c.entity_count, c.created_at,
         c.modified_at, c.next_run_at, c.is_paused,
         (SELECT error FROM sync_jobs WHERE source_connection_id = c.id ORDER BY created_at DESC LIMIT min(?5, 1)) AS error,
         (SELECT json_group_array(json_object('id', id, 'status', status, 'created_at', created_at,
            'started_at', started_at, 'completed_at', completed_at, 'entities_inserted', entities_inserted,
            'entities_updated', entities_updated, 'entities_deleted', entities_deleted))
          FROM (SELECT * FROM sync_jobs WHERE source_connection_id = c.id ORDER BY created_at DESC LIMIT ?5)
         ) AS recent_jobs
       FROM source_connections AS c
       WHERE c.organization_id = ?1 AND c.deleted_at IS NULL AND (?2 IS NULL OR c.collection_id = ?2)
       ORDER BY c.created_at DESC, c.id LIMIT ?3 OFFSET ?4`,
    )
    .bind(request.organizationId, request.collection, request.limit, request.skip, request.recentJobs)
    .all();
  return listedConnectionRow.array().parse(results);
}

/** The ids of every source connection of a collection. */
export async function connectionIds(db: D1Database, organizationId: string, collection: string): Promise<string[]> {
  const { results } = await db
    .prepare(
      "SELECT id FROM source_connections WHERE organization_id = ? AND collection_id = ? AND deleted_at IS NULL ORDER BY created_at",
    )
    .bind(organizationId, collection)
    .all();
  return connectionRow
    .pick({ id: true })
    .array()
    .parse(results)
    .map((row) => row.id);
}

/** Removes what D1 has of a connection whose object does not exist, or not any more; `now` in epoch milliseconds. */
export async function forgetConnection(db: D1Database, id: string, now: number): Promise<void> {
  await db.batch([
    db.prepare("DELETE FROM sync_jobs WHERE source_connection_id = ?").bind(id),
    db
      .prepare("UPDATE source_connections SET deleted_at = coalesce(deleted_at, ?), wake_at = NULL WHERE id = ?")
      .bind(now, id),
  ]);
}

/** Drops the rows that only say that a connection was deleted before `deletedBefore` (epoch milliseconds). */
export async function forgetDeletedConnections(db: D1Database, deletedBefore: number): Promise<void> {
  await db
    .prepare("DELETE FROM source_connections WHERE deleted_at IS NOT NULL AND deleted_at < ?")
    .bind(deletedBefore)
    .run();
}

const dueRow = z.object({ id: z.string(), next_run_at: z.number() });
/** A connection whose schedule is due, and since when (epoch milliseconds). */
export type DueConnection = z.infer<typeof dueRow>;

/** Connections due at `now`, the longest due first, from behind `after` on. */
export async function dueConnections(
  db: D1Database,
  { now, after, limit }: { readonly now: number; readonly after: DueConnection | null; readonly limit: number },
): Promise<DueConnection[]> {
  const { results } = await db
    .prepare(
      `SELECT id, next_run_at FROM source_connections WHERE next_run_at <= ?1 AND (next_run_at, id) > (?2, ?3)
       ORDER BY next_run_at, id LIMIT ?4`,
    )
    .bind(now, after?.next_run_at ?? -1, after?.id ?? "", limit)
    .all();
  return dueRow.array().parse(results);
}

/**
 * Lets the sweep leave connections alone until `until` (epoch milliseconds; null for good). Their objects still know
 * better: a due time that one of them has told D1 meanwhile stays.
 */
export async function postponeConnections(
  db: D1Database,
  connections: readonly DueConnection[],
  until: number | null,
): Promise<void> {
  if (connections.length === 0) return;
  await db
    .prepare(
      `UPDATE source_connections SET next_run_at = ?2
       WHERE (id, next_run_at) IN (SELECT value->>'id', value->>'next_run_at' FROM json_each(?1))`,
    )
    .bind(JSON.stringify(connections), until)
    .run();
}

const awakeRow = z.object({ id: z.string() });

/**
 * Source connections with a run that deliveries wait for, and that should have started before `before` (epoch
 * milliseconds), the longest overdue first: their alarm was probably lost.
 */
export async function overdueWakes(
  db: D1Database,
  { before, limit }: { readonly before: number; readonly limit: number },
): Promise<string[]> {
  const { results } = await db
    .prepare("SELECT id FROM source_connections WHERE wake_at IS NOT NULL AND wake_at < ? ORDER BY wake_at LIMIT ?")
    .bind(before, limit)
    .all();
  return awakeRow
    .array()
    .parse(results)
    .map(({ id }) => id);
}

/** Lets the runs that should have started before `until` (epoch milliseconds) be overdue since then only. */
export async function postponeWakes(db: D1Database, ids: readonly string[], until: number): Promise<void> {
  if (ids.length === 0) return;
  await db
    .prepare(
      `UPDATE source_connections SET wake_at = ?2
       WHERE wake_at IS NOT NULL AND wake_at < ?2 AND id IN (SELECT value FROM json_each(?1))`,
    )
    .bind(JSON.stringify(ids), until)
    .run();
}
