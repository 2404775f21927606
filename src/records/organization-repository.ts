import { DEFAULT_COLLECTION } from "./default-collection.ts";
import { organizationRow, type OrganizationRow } from "./rows.ts";

/** Stores an organization together with its default collection, or neither. */
export async function insertOrganization(
  db: D1Database,
  organization: OrganizationRow,
  defaultCollectionId: string,
): Promise<void> {
  const { id, name, created_at } = organization;
  await db.batch([
    db.prepare("INSERT INTO organizations (id, name, created_at) VALUES (?, ?, ?)").bind(id, name, created_at),
    db
      .prepare(
        `INSERT INTO collections (id, organization_id, readable_id, name, created_at, modified_at)
         VALUES (?1, ?2, ?3, 'Default', ?4, ?4)`,
      )
      .bind(defaultCollectionId, id, DEFAULT_COLLECTION, created_at),
  ]);
}

/** Oldest first. */
export async function listOrganizations(
  db: D1Database,
  page: { readonly skip: number; readonly limit: number },
): Promise<OrganizationRow[]> {
  const { results } = await db
    .prepare("SELECT id, name, created_at FROM organizations ORDER BY created_at, id LIMIT ? OFFSET ?")
    .bind(page.limit, page.skip)
    .all();
  return organizationRow.array().parse(results);
}

export async function organizationExists(db: D1Database, id: string): Promise<boolean> {
  return (await db.prepare("SELECT 1 FROM organizations WHERE id = ?").bind(id).first()) !== null;
}
