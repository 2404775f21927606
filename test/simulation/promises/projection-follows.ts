import type { Job } from "#core/job";
import type { SqlRow } from "#storage/sql";
import type { View, Versioned } from "#test/simulation/view";
import type { WatchedPromise } from "./promise.ts";

/** D1 never goes back, is never wrong about a version that it has, and what it lacks waits in the outbox. */
export class ProjectionFollows implements WatchedPromise {
  readonly #versions = new Map<string, number>();

  breaches(view: View): string[] {
    const { connection, jobs, projectedJobs, projectedConnection, outbox, countedJobs } = view;
    const breaches: string[] = [];
    const told = (key: string, projected: Versioned | null | undefined): void => {
      const before = this.#versions.get(key) ?? 0;
      const version = projected?.version ?? before;
      if (version < before) breaches.push(`D1 went back from version ${before} of ${key} to ${version}.`);
      this.#versions.set(key, version);
    };
    for (const [id, projected] of projectedJobs) told(`job:${id}`, projected);
    told("connection", projectedConnection);
    const ended = [...projectedJobs.values()].filter(({ row }) => row["completed_at"] !== null).length;
    if (projectedConnection?.row["deleted_at"] === null && countedJobs !== ended) {
      breaches.push(`D1 knows ${ended} jobs that have ended and has counted ${countedJobs}.`);
    }
    if (connection === null) return breaches;
    if (
      projectedConnection?.version !== connection.version &&
      outboxVersion(outbox, "connection") !== connection.version
    ) {
      breaches.push(`Nobody is going to tell D1 of version ${connection.version} of the connection.`);
    }
    if (connection.deletedAt !== null) return breaches;
    for (const job of jobs) {
      const projected = projectedJobs.get(job.id);
      if (projected?.version === job.version) breaches.push(...differences(job, projected.row));
      else if (outbox.get(`job:${job.id}`) !== job.version) {
        breaches.push(`Nobody is going to tell D1 of version ${job.version} of job ${job.id}.`);
      }
    }
    return breaches;
  }
}

function outboxVersion(outbox: ReadonlyMap<string, number>, kind: string): number | undefined {
  for (const [key, version] of outbox) if (key.startsWith(`${kind}:`)) return version;
  return undefined;
}

function differences(job: Job, row: SqlRow): string[] {
  const wanted: SqlRow = {
    status: job.status,
    completed_at: job.completedAt,
    wake_at: job.wakeAt,
    entities_inserted: job.counts.inserted,
    entities_updated: job.counts.updated,
    entities_deleted: job.counts.deleted,
    entities_kept: job.counts.kept,
    error_category: job.errorCategory,
  };
  return Object.entries(wanted).flatMap(([column, value]) =>
    row[column] === value
      ? []
      : [`D1 has ${column} ${JSON.stringify(row[column])} of job ${job.id}; it is ${JSON.stringify(value)}.`],
  );
}
