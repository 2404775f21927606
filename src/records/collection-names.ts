import { z } from "zod";

const nameRow = z.object({ readable_id: z.string(), id: z.string(), name: z.string() });
export type CollectionNameRow = z.infer<typeof nameRow>;

/** Those of these collections that exist. */
export async function findCollectionNames(
  db: D1Database,
  organizationId: string,
  readableIds: readonly string[],
): Promise<CollectionNameRow[]> {
  const { results } = await db
    .prepare(
      `SELECT readable_id, id, name FROM collections
       WHERE organization_id = ? AND readable_id IN (SELECT value FROM json_each(?))`,
    )
    .bind(organizationId, JSON.stringify(readableIds))
    .all();
  return nameRow.array().parse(results);
}
