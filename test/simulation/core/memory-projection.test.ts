import * as fc from "fast-check";
import { expect, test } from "vitest";

import { NO_COUNTS } from "#core/job";
import { project, type SyncRecord } from "#records/projection";
import { SimulatedDatabase } from "#test/simulation/platform/database";
import { MemorySqlite } from "#test/simulation/platform/memory-sqlite";
import { TABLES } from "#test/simulation/setting";
import { AT } from "#test/support/builders";
import { MemoryProjection } from "./memory-projection.ts";

const version = fc.integer({ min: 1, max: 5 });
const connectionId = fc.constantFrom("one", "two");

const jobRecord: fc.Arbitrary<SyncRecord> = fc
  .record({ id: fc.constantFrom("a", "b", "c"), version, isEnded: fc.boolean() })
  .map(({ isEnded, ...job }) => ({
    kind: "job",
    ...job,
    // A job is one connection's.
    connectionId: job.id === "c" ? "two" : "one",
    organizationId: "organization",
    status: isEnded ? "COMPLETED" : "RUNNING",
    trigger: "manual",
    mode: "full",
    createdAt: AT,
    startedAt: AT,
    completedAt: isEnded ? AT + 1 : null,
    counts: { ...NO_COUNTS, inserted: job.version },
    error: null,
    errorCategory: null,
    wakeAt: isEnded ? null : AT,
  }));

const connectionRecord: fc.Arbitrary<SyncRecord> = fc
  .record({ id: connectionId, version, isDeleted: fc.boolean(), nextRunAt: fc.option(fc.constant(AT)) })
  .map(({ isDeleted, ...connection }) => ({
    kind: "connection",
    ...connection,
    organizationId: "organization",
    collectionId: "default",
    name: "A connection",
    shortName: "simulated",
    status: "active",
    entityCount: 0,
    createdAt: AT,
    modifiedAt: AT,
    deletedAt: isDeleted ? AT : null,
    isPaused: false,
    wakeAt: null,
  }));

const batches = fc.array(fc.array(fc.oneof(jobRecord, connectionRecord), { minLength: 1, maxLength: 3 }), {
  maxLength: 20,
});

/** What can be told of either: versions by id, and how often an end was counted. */
function standing(sqlite: MemorySqlite): object {
  return {
    jobs: sqlite.all("SELECT id, version, completed_at FROM sync_jobs ORDER BY id"),
    connections: sqlite.all("SELECT id, version, deleted_at, next_run_at FROM source_connections ORDER BY id"),
    counted: sqlite.all("SELECT coalesce(sum(jobs), 0) AS jobs FROM job_totals"),
  };
}

function memoryStanding({ jobs, connections, counted }: MemoryProjection): object {
  return {
    jobs: jobs.keys.map((id) => ({ id, version: jobs.get(id)?.version, completed_at: jobs.get(id)?.completedAt })),
    connections: connections.keys.map((id) => {
      const { version: newest, deletedAt, nextRunAt } = connections.get(id) ?? {};
      return { id, version: newest, deleted_at: deletedAt, next_run_at: nextRunAt };
    }),
    counted: [{ jobs: [...counted.entries.values()].reduce((total, times) => total + times, 0) }],
  };
}

test("records that come late, twice or in any order leave in plain memory what they leave in D1", async () => {
  await fc.assert(
    fc.asyncProperty(batches, async (history) => {
      const sqlite = new MemorySqlite();
      for (const statements of TABLES) sqlite.all(statements);
      const database = new SimulatedDatabase(sqlite, async (apply) => apply());
      const projection = new MemoryProjection();
      for (const records of history) {
        await Reflect.apply(project, null, [database, records]);
        projection.project(records);
        expect(memoryStanding(projection)).toEqual(standing(sqlite));
      }
    }),
    { numRuns: 100 },
  );
});
