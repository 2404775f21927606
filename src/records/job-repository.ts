import { z } from "zod";

const overdueRow = z.object({ source_connection_id: z.string(), job_ids: z.string() });
const idsSchema = z.string().array();

/** A source connection with jobs that should have been worked on. */
export interface OverdueConnection {
  readonly id: string;
  readonly jobIds: readonly string[];
}

// The index is named because of the grouping: left to itself, SQLite walks through all jobs, in the order of connections.

/**
 * Source connections with a job that should have been worked on before `before` (epoch milliseconds) and that D1
 * still knows as active, the longest overdue first: their alarm was probably lost.
 */
export async function overdueConnections(
  db: D1Database,
  { before, limit }: { readonly before: number; readonly limit: number },
): Promise<OverdueConnection[]> {
  const { results } = await db
    .prepare(
      // By the index of the few that are awake: left to the planner, SQLite walks over every job there ever was.
      `SELECT source_connection_id, json_group_array(id) AS job_ids, min(wake_at) AS wake_at FROM sync_jobs INDEXED BY sync_jobs_awake
       WHERE wake_at IS NOT NULL AND wake_at < ? GROUP BY source_connection_id ORDER BY wake_at LIMIT ?`,
    )
    .bind(before, limit)
    .all();
  return overdueRow
    .array()
    .parse(results)
    .map((row) => ({ id: row.source_connection_id, jobIds: idsSchema.parse(JSON.parse(row.job_ids)) }));
}

/** Lets what these connections should have worked on before `until` (epoch milliseconds) be overdue since then only. */
export async function postponeJobs(db: D1Database, connectionIds: readonly string[], until: number): Promise<void> {
  if (connectionIds.length === 0) return;
  await db
    .prepare(
      `UPDATE sync_jobs INDEXED BY sync_jobs_awake SET wake_at = ?2
       WHERE wake_at IS NOT NULL AND wake_at < ?2 AND source_connection_id IN (SELECT value FROM json_each(?1))`,
    )
    .bind(JSON.stringify(connectionIds), until)
    .run();
}

/** Lets nobody be called about these jobs any more. */
export async function letJobsRest(db: D1Database, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await db
    .prepare("UPDATE sync_jobs SET wake_at = NULL WHERE id IN (SELECT value FROM json_each(?))")
    .bind(JSON.stringify(ids))
    .run();
}
