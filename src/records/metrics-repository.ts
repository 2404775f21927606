import { z } from "zod";

/** A job that is so long overdue waits for the watchdog: its alarm was lost, or its object can't be reached. */
const OVERDUE_MS = 60_000;

const endedRow = z.object({
  status: z.string(),
  trigger: z.string(),
  duration_class: z.number(),
  jobs: z.number(),
  duration_ms: z.number(),
  lag_ms: z.number(),
  entities_inserted: z.number(),
  entities_updated: z.number(),
  entities_deleted: z.number(),
  entities_kept: z.number(),
  entities_failed: z.number(),
});
/** Jobs of a kind that have ended, since they are counted. */
export type EndedJobs = z.infer<typeof endedRow>;

const activeRow = z.object({ status: z.string(), trigger: z.string(), jobs: z.number(), overdue: z.number() });
const connectionRow = z.object({ status: z.string(), connections: z.number(), entities: z.number() });
const waitingRow = z.object({ events: z.number() });

export interface Metrics {
  readonly ended: readonly EndedJobs[];
  readonly active: readonly z.infer<typeof activeRow>[];
  readonly connections: readonly z.infer<typeof connectionRow>[];
  /** Events of collections that have yet to be handed over. */
  readonly waitingEvents: number;
}

/**
 * What D1 knows, in one round trip. Reads a row for each active job, each connection, and each class of ended jobs.
 *
 * @param organizationId null for all organizations
 */
export async function readMetrics(db: D1Database, organizationId: string | null, now: number): Promise<Metrics> {
  const [where, and] = organizationId === null ? ["", ""] : ["WHERE organization_id = ?1", "AND organization_id = ?1"];
  const bound = (statement: string, ...more: number[]) => {
    // The first binding has a number, so that the others are the same with and without it.
    const bindings = organizationId === null ? more : [organizationId, ...more];
    return db.prepare(statement).bind(...bindings);
  };
  const time = organizationId === null ? "?1" : "?2";
  const [ended, active, connections, waiting] = await db.batch([
    bound(
      `SELECT status, trigger, duration_class, sum(jobs) AS jobs, sum(duration_ms) AS duration_ms, sum(lag_ms) AS lag_ms,
         sum(entities_inserted) AS entities_inserted, sum(entities_updated) AS entities_updated,
         sum(entities_deleted) AS entities_deleted, sum(entities_kept) AS entities_kept,
         sum(entities_failed) AS entities_failed
       FROM job_totals ${where} GROUP BY status, trigger, duration_class`,
    ),
    bound(
      // By the index of the few that are awake: left to the planner, SQLite walks over every job there ever was.
      `SELECT status, trigger, count(*) AS jobs, sum(wake_at < ${time}) AS overdue
       FROM sync_jobs INDEXED BY sync_jobs_awake WHERE wake_at IS NOT NULL ${and} GROUP BY status, trigger`,
      now - OVERDUE_MS,
    ),
    bound(
      `SELECT status, count(*) AS connections, sum(entity_count) AS entities
       FROM source_connections WHERE deleted_at IS NULL ${and} GROUP BY status`,
    ),
    bound(`SELECT count(*) AS events FROM waiting_events ${where}`),
  ]);
  const [{ events } = { events: 0 }] = waitingRow.array().parse(waiting?.results ?? []);
  return {
    ended: endedRow.array().parse(ended?.results ?? []),
    active: activeRow.array().parse(active?.results ?? []),
    connections: connectionRow.array().parse(connections?.results ?? []),
    waitingEvents: events,
  };
}
