import { z } from "zod";

const idRow = z.object({ id: z.string() });

/**
 * Connections whose job was due before `dueBefore` (epoch milliseconds) and has not moved since, longest first.
 * Every poke that has an effect moves the job's `wake_at`, so the next call finds the others.
 */
export async function overdueConnections(db: D1Database, dueBefore: number, limit: number): Promise<string[]> {
  const { results } = await db
    .prepare(
      `SELECT DISTINCT source_connection_id AS id FROM sync_jobs
       WHERE wake_at IS NOT NULL AND wake_at < ? ORDER BY wake_at LIMIT ?`,
    )
    .bind(dueBefore, limit)
    .all();
  return results.map((row) => idRow.parse(row).id);
}

/** Drops the rows that only say that a connection was deleted before `deletedBefore` (epoch milliseconds). */
export async function forgetDeletedConnections(db: D1Database, deletedBefore: number): Promise<void> {
  await db
    .prepare("DELETE FROM source_connections WHERE deleted_at IS NOT NULL AND deleted_at < ?")
    .bind(deletedBefore)
    .run();
}
