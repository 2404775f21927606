import type { SluiceEvent } from "#core/event";
import { collectionRow, type CollectionRow } from "./rows.ts";
import { eventOfCollection } from "./waiting-events.ts";

type NewCollection = Omit<CollectionRow, "connections" | "modified_at">;

const SELECT = `
  SELECT id, organization_id, readable_id, name, created_at, modified_at,
    (SELECT json_group_array(json_object('short_name', c.short_name, 'name', c.name, 'status', c.status))
     FROM source_connections c
     WHERE c.organization_id = collections.organization_id AND c.collection_id = collections.readable_id
       AND c.deleted_at IS NULL) AS connections
  FROM collections`;

/** Stores a collection, and its event with it; false, and neither, if the organization has one with this readable id. */
export async function insertCollection(
  db: D1Database,
  collection: NewCollection,
  event: SluiceEvent,
): Promise<boolean> {
  const { id, organization_id: organizationId, readable_id, name, created_at } = collection;
  const [inserted] = await db.batch([
    db
      .prepare(
        `INSERT INTO collections (id, organization_id, readable_id, name, created_at, modified_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?5) ON CONFLICT (organization_id, readable_id) DO NOTHING`,
      )
      .bind(id, organizationId, readable_id, name, created_at),
    eventOfCollection(db, { organizationId, collectionId: id }, event),
  ]);
  return inserted !== undefined && inserted.meta.changes > 0;
}

export interface CollectionsRequest {
  readonly organizationId: string;
  /** Part of the name or of the readable id, in any case; null for all. */
  readonly search: string | null;
  readonly skip: number;
  readonly limit: number;
}

/** Newest first. */
export async function listCollections(db: D1Database, request: CollectionsRequest): Promise<CollectionRow[]> {
  const { results } = await db
    .prepare(
      `${SELECT}
       WHERE organization_id = ?1 AND (?2 IS NULL OR instr(lower(name), lower(?2)) > 0 OR instr(readable_id, lower(?2)) > 0)
       ORDER BY created_at DESC, id LIMIT ?3 OFFSET ?4`,
    )
    .bind(request.organizationId, request.search, request.limit, request.skip)
    .all();
  return collectionRow.array().parse(results);
}

export async function countCollections(
  db: D1Database,
  { organizationId, search }: Pick<CollectionsRequest, "organizationId" | "search">,
): Promise<number> {
  const total = await db
    .prepare(
      `SELECT count(*) AS total FROM collections
       WHERE organization_id = ?1 AND (?2 IS NULL OR instr(lower(name), lower(?2)) > 0 OR instr(readable_id, lower(?2)) > 0)`,
    )
    .bind(organizationId, search)
    .first<number>("total");
  return total ?? 0;
}

export async function findCollection(
  db: D1Database,
  organizationId: string,
  readableId: string,
): Promise<CollectionRow | null> {
  const row = await db
    .prepare(`${SELECT} WHERE organization_id = ? AND readable_id = ?`)
    .bind(organizationId, readableId)
    .first();
  return row === null ? null : collectionRow.parse(row);
}

export async function collectionExists(db: D1Database, organizationId: string, readableId: string): Promise<boolean> {
  const row = await db
    .prepare("SELECT 1 FROM collections WHERE organization_id = ? AND readable_id = ?")
    .bind(organizationId, readableId)
    .first();
  return row !== null;
}

export interface CollectionKey {
  readonly organizationId: string;
  readonly id: string;
}

/** Names the collection anew, and lets the event tell of it; neither if it is gone. `now` in epoch milliseconds. */
export async function renameCollection(
  db: D1Database,
  { organizationId, id }: CollectionKey,
  { name, now }: { readonly name: string; readonly now: number },
  event: SluiceEvent,
): Promise<void> {
  await db.batch([
    db
      .prepare("UPDATE collections SET name = ?, modified_at = ? WHERE organization_id = ? AND id = ?")
      .bind(name, now, organizationId, id),
    eventOfCollection(db, { organizationId, collectionId: id }, event),
  ]);
}

/** Removes the collection, and lets the event tell of it: once, however often this is called. */
export async function deleteCollection(
  db: D1Database,
  { organizationId, id }: CollectionKey,
  event: SluiceEvent,
): Promise<void> {
  await db.batch([
    eventOfCollection(db, { organizationId, collectionId: id }, event),
    db.prepare("DELETE FROM collections WHERE organization_id = ? AND id = ?").bind(organizationId, id),
  ]);
}
