import { connectionRow, type ConnectionRow } from "./rows.ts";

// Read only: the rows are written by the source connections' objects, see projection.ts.

export interface ConnectionsRequest {
  readonly organizationId: string;
  /** A collection's readable id; null for all. */
  readonly collection: string | null;
  readonly skip: number;
  readonly limit: number;
}

/** Newest first. */
export async function listConnections(db: D1Database, request: ConnectionsRequest): Promise<ConnectionRow[]> {
  const { results } = await db
    .prepare(
      `SELECT id, organization_id, collection_id, name, short_name, status, entity_count, created_at, modified_at
       FROM source_connections
       WHERE organization_id = ?1 AND deleted_at IS NULL AND (?2 IS NULL OR collection_id = ?2)
       ORDER BY created_at DESC, id LIMIT ?3 OFFSET ?4`,
    )
    .bind(request.organizationId, request.collection, request.limit, request.skip)
    .all();
  return connectionRow.array().parse(results);
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

/** Removes what D1 has of a connection whose object does not exist; `now` in epoch milliseconds. */
export async function forgetConnection(db: D1Database, id: string, now: number): Promise<void> {
  await db.batch([
    db.prepare("DELETE FROM sync_jobs WHERE source_connection_id = ?").bind(id),
    db.prepare("UPDATE source_connections SET deleted_at = ? WHERE id = ? AND deleted_at IS NULL").bind(now, id),
  ]);
}

/** Drops the rows that only say that a connection was deleted before `deletedBefore` (epoch milliseconds). */
export async function forgetDeletedConnections(db: D1Database, deletedBefore: number): Promise<void> {
  await db
    .prepare("DELETE FROM source_connections WHERE deleted_at IS NOT NULL AND deleted_at < ?")
    .bind(deletedBefore)
    .run();
}
