import { env } from "cloudflare:workers";
import { expect, test } from "vitest";

import { NO_COUNTS } from "#core/job";
import { project, recordSchema, type ConnectionRecord, type JobRecord, type SyncRecord } from "#records/projection";
import { AT } from "#test/support/builders";
import { ORGANIZATION } from "#test/support/connection";

function aConnection(overrides: Partial<ConnectionRecord> = {}): ConnectionRecord {
  return {
    kind: "connection",
    id: crypto.randomUUID(),
    version: 1,
    organizationId: ORGANIZATION,
    collectionId: "default",
    name: "Documents",
    shortName: "couchdb",
    status: "active",
    entityCount: 0,
    createdAt: AT,
    modifiedAt: AT,
    deletedAt: null,
    nextRunAt: null,
    wakeAt: null,
    isPaused: false,
    ...overrides,
  };
}

function aJobOf(connectionId: string, overrides: Partial<JobRecord> = {}): JobRecord {
  return {
    kind: "job",
    id: crypto.randomUUID(),
    version: 1,
    organizationId: ORGANIZATION,
    connectionId,
    status: "PENDING",
    trigger: "manual",
    mode: "full",
    createdAt: AT,
    startedAt: null,
    completedAt: null,
    counts: NO_COUNTS,
    error: null,
    errorCategory: null,
    wakeAt: AT,
    ...overrides,
  };
}

const jobRow = (id: string) => env.DB.prepare("SELECT * FROM sync_jobs WHERE id = ?").bind(id).first();
const connectionRow = (id: string) => env.DB.prepare("SELECT * FROM source_connections WHERE id = ?").bind(id).first();

test("records become rows, field by field", async () => {
  const connection = aConnection({ entityCount: 7, wakeAt: 5, isPaused: true });
  const counts = { inserted: 1, updated: 2, deleted: 3, kept: 4, failed: 5 };
  const end = { status: "FAILED", error: "It broke.", errorCategory: "internal", wakeAt: null } as const;
  const job = aJobOf(connection.id, { ...end, counts, startedAt: AT + 1, completedAt: AT + 2, version: 9 });
  await project(env.DB, [connection, job]);

  expect(await connectionRow(connection.id)).toEqual({
    id: connection.id,
    version: 1,
    organization_id: ORGANIZATION,
    collection_id: "default",
    name: "Documents",
    short_name: "couchdb",
    status: "active",
    entity_count: 7,
    created_at: AT,
    modified_at: AT,
    deleted_at: null,
    next_run_at: null,
    wake_at: 5,
    is_paused: 1,
  });
  expect(await jobRow(job.id)).toEqual({
    id: job.id,
    version: 9,
    organization_id: ORGANIZATION,
    source_connection_id: connection.id,
    status: "FAILED",
    trigger: "manual",
    sync_mode: "full",
    created_at: AT,
    started_at: AT + 1,
    completed_at: AT + 2,
    entities_inserted: 1,
    entities_updated: 2,
    entities_deleted: 3,
    entities_kept: 4,
    entities_failed: 5,
    error: "It broke.",
    error_category: "internal",
    wake_at: null,
  });
});

test("a row that is there takes all of what its newest version says, as one that is not there yet does", async () => {
  const connection = aConnection();
  const changed: ConnectionRecord = {
    ...connection,
    version: 2,
    collectionId: "other",
    name: "Renamed",
    status: "needs_reauth",
    entityCount: 7,
    modifiedAt: AT + 1,
    nextRunAt: AT + 2,
    wakeAt: AT + 3,
    isPaused: true,
  };
  const job = aJobOf(connection.id);
  const ended: JobRecord = {
    ...job,
    version: 2,
    status: "FAILED",
    mode: "incremental",
    startedAt: AT + 1,
    completedAt: AT + 2,
    counts: { inserted: 1, updated: 2, deleted: 3, kept: 4, failed: 5 },
    error: "It broke.",
    errorCategory: "internal",
    wakeAt: null,
  };
  const rows = async (records: readonly SyncRecord[]) => {
    await env.DB.batch([env.DB.prepare("DELETE FROM sync_jobs"), env.DB.prepare("DELETE FROM source_connections")]);
    for (const record of records) await project(env.DB, [record]);
    return [await connectionRow(connection.id), await jobRow(job.id)];
  };

  expect(await rows([connection, job, changed, ended])).toEqual(await rows([changed, ended]));
});

test("delivered doubled, late and in any order, a row ends at its newest version", async () => {
  const connection = aConnection();
  const id = crypto.randomUUID();
  const history = (["PENDING", "RUNNING", "CANCELLING", "CANCELLED"] as const).map((status, index) =>
    aJobOf(connection.id, { id, status, version: index + 1, wakeAt: status === "CANCELLED" ? null : AT }),
  );
  const names = ["One", "Two", "Three"].map((name, index) => ({ ...connection, name, version: index + 1 }));
  const orders = [
    [0, 1, 2, 3],
    [3, 2, 1, 0],
    [1, 3, 0, 3, 2, 2],
  ];
  for (const order of orders) {
    await env.DB.prepare("DELETE FROM sync_jobs WHERE id = ?").bind(id).run();
    for (const index of order) await project(env.DB, history.slice(index, index + 1));
    expect(await jobRow(id)).toMatchObject({ status: "CANCELLED", version: 4, wake_at: null });
  }
  await project(env.DB, names.toReversed());
  await project(env.DB, names.slice(0, 1));
  expect(await connectionRow(connection.id)).toMatchObject({ name: "Three", version: 3 });
});

test("the same version again changes nothing, whatever else it says", async () => {
  const job = aJobOf(aConnection().id);
  await project(env.DB, [job]);
  await project(env.DB, [{ ...job, status: "RUNNING" }]);

  expect(await jobRow(job.id)).toMatchObject({ status: "PENDING" });
});

test("a deleted connection takes its jobs with it, and neither comes back late", async () => {
  const connection = aConnection();
  const [known, late] = [aJobOf(connection.id), aJobOf(connection.id)];
  await project(env.DB, [connection, known]);
  await project(env.DB, [{ ...connection, version: 5, deletedAt: AT + 10 }]);
  await project(env.DB, [late, { ...known, version: 2 }, { ...connection, version: 4, name: "Late" }]);

  expect(await jobRow(known.id)).toBeNull();
  expect(await jobRow(late.id)).toBeNull();
  expect(await connectionRow(connection.id)).toMatchObject({ deleted_at: AT + 10, version: 5, name: "Documents" });
});

test("a delivery that fails in the middle leaves nothing of it", async () => {
  const connection = aConnection();
  const bad = aJobOf(connection.id, { error: "x".repeat(30_000_000) });

  await expect(project(env.DB, [connection, bad])).rejects.toThrow(/D1_ERROR|too big/);
  expect(await connectionRow(connection.id)).toBeNull();
});

test("a connection that an earlier version left waiting, and that does not say all, is called by the watchdog", async () => {
  const { isPaused: _unsaid, ...left } = aConnection({ wakeAt: null });
  await project(env.DB, [recordSchema.parse(left)]);
  expect(await connectionRow(left.id)).toMatchObject({ is_paused: 0, wake_at: AT });
  const { isPaused: _unsaidToo, ...deleted } = aConnection({ deletedAt: AT });
  await project(env.DB, [recordSchema.parse(deleted)]);
  expect(await connectionRow(deleted.id)).toMatchObject({ wake_at: null });
});

test("nothing to deliver is fine", async () => {
  await expect(project(env.DB, [])).resolves.toBeUndefined();
});
