import { apiKeyRow, type ApiKeyRow } from "./rows.ts";

const COLUMNS = "id, organization_id, name, prefix, created_at, expires_at";

export async function insertApiKey(db: D1Database, key: ApiKeyRow, hash: string): Promise<void> {
  await db
    .prepare(`INSERT INTO api_keys (${COLUMNS}, hash) VALUES (?, ?, ?, ?, ?, ?, ?)`)
    .bind(key.id, key.organization_id, key.name, key.prefix, key.created_at, key.expires_at, hash)
    .run();
}

/** Newest first, expired ones included. */
export async function listApiKeys(
  db: D1Database,
  organizationId: string,
  page: { readonly skip: number; readonly limit: number },
): Promise<ApiKeyRow[]> {
  const { results } = await db
    .prepare(`SELECT ${COLUMNS} FROM api_keys WHERE organization_id = ? ORDER BY created_at DESC, id LIMIT ? OFFSET ?`)
    .bind(organizationId, page.limit, page.skip)
    .all();
  return apiKeyRow.array().parse(results);
}

/** The key with this hash, expired or not. */
export async function findApiKeyByHash(db: D1Database, hash: string): Promise<ApiKeyRow | null> {
  const row = await db.prepare(`SELECT ${COLUMNS} FROM api_keys WHERE hash = ?`).bind(hash).first();
  return row === null ? null : apiKeyRow.parse(row);
}

/** Revokes a key and answers with what was there; null if the organization has no such key. */
export async function deleteApiKey(db: D1Database, organizationId: string, id: string): Promise<ApiKeyRow | null> {
  const row = await db
    .prepare(`DELETE FROM api_keys WHERE organization_id = ? AND id = ? RETURNING ${COLUMNS}`)
    .bind(organizationId, id)
    .first();
  return row === null ? null : apiKeyRow.parse(row);
}
