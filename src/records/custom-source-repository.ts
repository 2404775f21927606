import { z } from "zod";

import { gunzipText } from "#core/gzip";

/** A source that an organization brought itself, without its texts. */
export interface CustomSource {
  readonly organizationId: string;
  readonly shortName: string;
  readonly name: string;
  readonly description: string;
  readonly labels: readonly string[];
  /** Has it a stream that can be read incrementally? */
  readonly continuous: boolean;
  /** Counts replacements. */
  readonly version: number;
  /** Another with each change. */
  readonly revision: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly modifiedAt: number;
}

/** With the document that a job opens. */
export interface OpenableCustomSource extends CustomSource {
  /** JSON of the resolved manifest, gzip. */
  readonly document: Uint8Array<ArrayBuffer>;
}

/** Texts as gzip. */
export interface CustomSourceTexts {
  /** As it was sent. */
  readonly manifest: Uint8Array<ArrayBuffer>;
  readonly document: Uint8Array<ArrayBuffer>;
}

const row = z
  .object({
    organization_id: z.string(),
    short_name: z.string(),
    name: z.string(),
    description: z.string(),
    labels: z.string().transform((text) => z.array(z.string()).parse(JSON.parse(text))),
    continuous: z.number().transform((flag) => flag === 1),
    version: z.number(),
    revision: z.string(),
    created_at: z.number(),
    modified_at: z.number(),
  })
  .transform((stored): CustomSource => ({
    organizationId: stored.organization_id,
    shortName: stored.short_name,
    name: stored.name,
    description: stored.description,
    labels: stored.labels,
    continuous: stored.continuous,
    version: stored.version,
    revision: stored.revision,
    createdAt: stored.created_at,
    modifiedAt: stored.modified_at,
  }));

/** D1 gives bytes as a list of numbers. */
const blob = z.array(z.number()).transform((bytes) => Uint8Array.from(bytes));

const COLUMNS =
  "organization_id, short_name, name, description, labels, continuous, version, revision, created_at, modified_at";

/** By short name. */
export async function listCustomSources(db: D1Database, organizationId: string): Promise<CustomSource[]> {
  const { results } = await db
    .prepare(`SELECT ${COLUMNS} FROM custom_sources WHERE organization_id = ? ORDER BY short_name`)
    .bind(organizationId)
    .all();
  return row.array().parse(results);
}

export async function findCustomSource(
  db: D1Database,
  organizationId: string,
  shortName: string,
): Promise<OpenableCustomSource | null> {
  const found = await db
    .prepare(`SELECT ${COLUMNS}, document FROM custom_sources WHERE organization_id = ? AND short_name = ?`)
    .bind(organizationId, shortName)
    .first();
  if (found === null) return null;
  const { document } = z.object({ document: blob }).parse(found);
  return { ...row.parse(found), document };
}

/** The revision that there is now; null where there is no such source. */
export async function customSourceRevision(
  db: D1Database,
  organizationId: string,
  shortName: string,
): Promise<string | null> {
  return db
    .prepare("SELECT revision FROM custom_sources WHERE organization_id = ? AND short_name = ?")
    .bind(organizationId, shortName)
    .first<string>("revision");
}

/** The manifest as it was sent. */
export async function customSourceManifest(
  db: D1Database,
  organizationId: string,
  shortName: string,
): Promise<string | null> {
  const found = await db
    .prepare("SELECT manifest FROM custom_sources WHERE organization_id = ? AND short_name = ?")
    .bind(organizationId, shortName)
    .first();
  return found === null ? null : gunzipText(z.object({ manifest: blob }).parse(found).manifest);
}

/** False if the organization has one of this name already. */
export async function insertCustomSource(db: D1Database, source: CustomSource & CustomSourceTexts): Promise<boolean> {
  const { meta } = await db
    .prepare(
      `INSERT INTO custom_sources (${COLUMNS}, manifest, document)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) ON CONFLICT (organization_id, short_name) DO NOTHING`,
    )
    .bind(
      ...titleOf(source),
      source.version,
      source.revision,
      source.createdAt,
      source.modifiedAt,
      source.manifest,
      source.document,
    )
    .run();
  return meta.changes > 0;
}

/** Puts another in its place, one version on. Null where there is none. */
export async function replaceCustomSource(
  db: D1Database,
  source: Omit<CustomSource, "version" | "createdAt"> & CustomSourceTexts,
): Promise<CustomSource | null> {
  const replaced = await db
    .prepare(
      `UPDATE custom_sources SET name = ?3, description = ?4, labels = ?5, continuous = ?6, version = version + 1,
         revision = ?7, modified_at = ?8, manifest = ?9, document = ?10
       WHERE organization_id = ?1 AND short_name = ?2 RETURNING ${COLUMNS}`,
    )
    .bind(...titleOf(source), source.revision, source.modifiedAt, source.manifest, source.document)
    .first();
  return replaced === null ? null : row.parse(replaced);
}

/** Ids of connections that use the source, a few of them. */
export async function connectionsOnSource(
  db: D1Database,
  organizationId: string,
  shortName: string,
  limit: number,
): Promise<string[]> {
  const { results } = await db
    .prepare(
      `SELECT id FROM source_connections
       WHERE organization_id = ? AND short_name = ? AND deleted_at IS NULL ORDER BY id LIMIT ?`,
    )
    .bind(organizationId, shortName, limit)
    .all();
  return z
    .object({ id: z.string() })
    .array()
    .parse(results)
    .map(({ id }) => id);
}

/** False where a connection uses it, or where there is none; a connection that appears meanwhile keeps it. */
export async function deleteCustomSource(db: D1Database, organizationId: string, shortName: string): Promise<boolean> {
  const { meta } = await db
    .prepare(
      `DELETE FROM custom_sources WHERE organization_id = ?1 AND short_name = ?2
       AND NOT EXISTS (SELECT 1 FROM source_connections
                       WHERE organization_id = ?1 AND short_name = ?2 AND deleted_at IS NULL)`,
    )
    .bind(organizationId, shortName)
    .run();
  return meta.changes > 0;
}

/** The first six columns. */
function titleOf(source: Omit<CustomSource, "version" | "createdAt">) {
  const { organizationId, shortName, name, description, labels, continuous } = source;
  return [organizationId, shortName, name, description, JSON.stringify(labels), continuous ? 1 : 0];
}
