import { connectionStatus } from "#core/connection";
import type { Job } from "#core/job";
import { nextDueAt } from "#core/schedule";
import type { ConnectionRecord, JobRecord } from "#records/projection";
import type { Connection } from "./connection-store.ts";
import { hookRunDueAt } from "./hook-run-due.ts";
import type { Stores } from "./stores.ts";

/** Puts a job into the outbox. Call in the transaction that changes it. */
export function announceJob({ connection, outbox }: Stores, job: Job): void {
  outbox.add(jobRecord(connection.read(), job));
}

/** Puts the connection as it is now into the outbox. Call in the transaction that changes what D1 shows of it. */
export function announceConnection(stores: Stores): void {
  const connection = { ...stores.connection.read(), version: stores.connection.read().version + 1 };
  stores.connection.write(connection);
  stores.outbox.add(connectionRecord(stores, connection));
}

/** Puts everything that D1 should know into the outbox again, newer than whatever is there. */
export function announceAll(stores: Stores): void {
  const { jobs, sql } = stores;
  sql.transaction(() => {
    for (const job of jobs.list(Number.MAX_SAFE_INTEGER, null)) {
      const newer = { ...job, version: job.version + 1 };
      jobs.write(newer);
      announceJob(stores, newer);
    }
    announceConnection(stores);
  });
}

function connectionRecord(stores: Stores, connection: Connection): ConnectionRecord {
  const { jobs, streams } = stores;
  return {
    kind: "connection",
    id: connection.id,
    version: connection.version,
    organizationId: connection.organizationId,
    collectionId: connection.collectionId,
    name: connection.name,
    shortName: connection.shortName,
    status: connectionStatus(jobs.newest(), connection.credentialsChangedAt),
    entityCount: streams.summaries().reduce((total, { count }) => total + count, 0),
    createdAt: connection.createdAt,
    modifiedAt: connection.modifiedAt,
    deletedAt: connection.deletedAt,
    nextRunAt: connection.deletedAt === null ? nextDueAt(connection.plan) : null,
    // The watchdog looks whether a deleted one has emptied itself.
    wakeAt: connection.deletedAt ?? hookRunDueAt(stores),
    isPaused: connection.isPaused,
  };
}

function jobRecord(connection: Connection, job: Job): JobRecord {
  return {
    kind: "job",
    id: job.id,
    version: job.version,
    organizationId: connection.organizationId,
    connectionId: connection.id,
    status: job.status,
    trigger: job.trigger,
    mode: job.mode,
    createdAt: job.createdAt,
    startedAt: job.startedAt,
    completedAt: job.completedAt,
    counts: job.counts,
    error: job.error,
    errorCategory: job.errorCategory,
    wakeAt: job.wakeAt,
  };
}
