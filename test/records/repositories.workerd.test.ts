import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";

import { NO_COUNTS } from "#core/job";
import { deleteApiKey, findApiKeyByHash, insertApiKey } from "#records/api-key-repository";
import {
  deleteCollection,
  findCollection,
  insertCollection,
  listCollections,
  renameCollection,
} from "#records/collection-repository";
import { findCollectionNames } from "#records/collection-names";
import { connectionIds, listConnections, type ConnectionsRequest } from "#records/connection-repository";
import { dueLooks, planLook, settleLook } from "#records/delivery-looks";
import { overdueConnections } from "#records/job-repository";
import { insertOrganization, listOrganizations, organizationExists } from "#records/organization-repository";
import { project, type ConnectionRecord, type JobRecord } from "#records/projection";
import { waitingEvents } from "#records/waiting-events";
import { AT } from "#test/support/builders";
import { aCollectionEvent } from "#test/support/deliveries";

const db = env.DB;

function aConnection(overrides: Partial<ConnectionRecord> = {}): ConnectionRecord {
  return {
    kind: "connection",
    id: crypto.randomUUID(),
    version: 1,
    organizationId: "org",
    collectionId: "default",
    name: "Orders",
    shortName: "stub",
    status: "active",
    entityCount: 0,
    createdAt: 1_000,
    modifiedAt: 1_000,
    deletedAt: null,
    nextRunAt: null,
    wakeAt: null,
    isPaused: false,
    ...overrides,
  };
}

function aJobRecord(overrides: Partial<JobRecord> = {}): JobRecord {
  return {
    kind: "job",
    id: crypto.randomUUID(),
    version: 1,
    organizationId: "org",
    connectionId: crypto.randomUUID(),
    status: "RUNNING",
    trigger: "manual",
    mode: "full",
    createdAt: 1_000,
    startedAt: 1_000,
    completedAt: null,
    counts: NO_COUNTS,
    error: null,
    errorCategory: null,
    wakeAt: 1_000,
    ...overrides,
  };
}

describe("connections", () => {
  test("are listed newest first, without the deleted and without other organizations'", async () => {
    const organizationId = crypto.randomUUID();
    const older = aConnection({ organizationId, createdAt: 1 });
    const newer = aConnection({ organizationId, createdAt: 2, collectionId: "second" });
    const deleted = aConnection({ organizationId, createdAt: 3, deletedAt: 4 });
    await project(db, [older, newer, deleted, aConnection()]);

    const ids = async (request: Partial<ConnectionsRequest>) => {
      const rows = await listConnections(db, {
        organizationId,
        collection: null,
        skip: 0,
        limit: 10,
        recentJobs: 0,
        ...request,
      });
      return rows.map(({ id }) => id);
    };
    expect(await ids({})).toEqual([newer.id, older.id]);
    expect(await ids({ collection: "second" })).toEqual([newer.id]);
    expect(await ids({ skip: 1, limit: 1 })).toEqual([older.id]);
    expect(await connectionIds(db, organizationId, "default")).toEqual([older.id]);
  });
});

test("connections are listed with as many of their own newest jobs as are wanted, and the newest one's error", async () => {
  const organizationId = crypto.randomUUID();
  const [busy, idle] = [
    aConnection({ organizationId, nextRunAt: 9_000, createdAt: 2_000 }),
    aConnection({ organizationId, isPaused: true }),
  ];
  const ended = { organizationId, connectionId: busy.id, completedAt: 5_000, wakeAt: null } as const;
  const jobs = [
    aJobRecord({ ...ended, createdAt: 1, status: "FAILED", error: "of long ago" }),
    aJobRecord({ ...ended, createdAt: 2, status: "COMPLETED" }),
    aJobRecord({ ...ended, createdAt: 3, status: "FAILED", error: "The source is down." }),
  ];
  await project(db, [busy, idle, ...jobs]);
  const list = async (recentJobs: number) =>
    listConnections(db, { organizationId, collection: null, skip: 0, limit: 10, recentJobs });
  const [first, second] = await list(2);
  expect(first).toMatchObject({ id: busy.id, next_run_at: 9_000, is_paused: false, error: "The source is down." });
  expect(first?.recent_jobs.map(({ id }) => id)).toEqual([jobs[2]?.id, jobs[1]?.id]);
  expect(second).toMatchObject({ id: idle.id, next_run_at: null, is_paused: true, error: null, recent_jobs: [] });
  expect((await list(0))[0]).toMatchObject({ error: null, recent_jobs: [] });
});

describe("collections", () => {
  test("have one readable id each within an organization, and the same one in another", async () => {
    const [organization_id, other] = [crypto.randomUUID(), crypto.randomUUID()];
    const collection = { id: crypto.randomUUID(), organization_id, readable_id: "sales", name: "Sales", created_at: 1 };
    const insert = (row: typeof collection) => insertCollection(db, row, aCollectionEvent());
    expect(await insert(collection)).toBe(true);
    expect(await insert({ ...collection, id: crypto.randomUUID(), name: "Twice" })).toBe(false);
    expect(await insert({ ...collection, id: crypto.randomUUID(), organization_id: other })).toBe(true);
    expect(await findCollection(db, organization_id, "sales")).toMatchObject({ name: "Sales" });
  });

  test("change together with the event that tells of it, and without one where nothing changes", async () => {
    const organizationId = crypto.randomUUID();
    const id = crypto.randomUUID();
    const collection = { id, organization_id: organizationId, readable_id: "sales", name: "Sales", created_at: 1 };
    const [first, second, third] = [aCollectionEvent(AT), aCollectionEvent(AT + 1), aCollectionEvent(AT + 2)];
    const [fourth, fifth, sixth] = [aCollectionEvent(AT + 3), aCollectionEvent(AT + 4), aCollectionEvent(AT + 5)];
    const ids = async () => (await waitingEvents(db, organizationId, 10)).map(({ id: eventId }) => eventId);

    await insertCollection(db, collection, first);
    await insertCollection(db, { ...collection, id: crypto.randomUUID() }, second);
    expect(await ids()).toEqual([first.id]);
    await renameCollection(db, { organizationId, id }, { name: "Renamed", now: 2 }, third);
    expect(await ids()).toEqual([first.id, third.id]);
    await deleteCollection(db, { organizationId, id }, fourth);
    await deleteCollection(db, { organizationId, id }, fifth);
    await renameCollection(db, { organizationId, id }, { name: "Too late", now: 3 }, sixth);
    expect(await ids()).toEqual([first.id, third.id, fourth.id]);
  });

  test("know the connections in them, with any characters in their names", async () => {
    const organizationId = crypto.randomUUID();
    const collection = {
      id: crypto.randomUUID(),
      organization_id: organizationId,
      readable_id: "c",
      name: "C",
      created_at: 1,
    };
    await insertCollection(db, collection, aCollectionEvent());
    const name = `it's "quoted" — 日本`;
    await project(db, [
      aConnection({ organizationId, collectionId: "c", name }),
      aConnection({ organizationId, collectionId: "c", deletedAt: 2 }),
      aConnection({ collectionId: "c" }),
    ]);
    const [listed] = await listCollections(db, { organizationId, search: null, skip: 0, limit: 10 });
    expect(listed?.connections).toEqual([{ short_name: "stub", name, status: "active" }]);
  });
});

test("a collection's name is told to its own organization, whoever has one of the same readable id", async () => {
  const [organizationId, other] = [crypto.randomUUID(), crypto.randomUUID()];
  for (const [organization_id, name] of [
    [organizationId, "Ours"],
    [other, "Theirs"],
  ] as const) {
    const row = { id: crypto.randomUUID(), organization_id, readable_id: "namesake", name, created_at: 1 };
    await insertCollection(db, row, aCollectionEvent());
  }
  expect(await findCollectionNames(db, organizationId, ["namesake"])).toMatchObject([{ name: "Ours" }]);
  expect(await findCollectionNames(db, crypto.randomUUID(), ["namesake"])).toEqual([]);
});

test.each([null, 500])("a look that is settled with %j leaves one that was planned meanwhile", async (next) => {
  const organizationId = crypto.randomUUID();
  await planLook(db, { organizationId, at: 100 });
  await planLook(db, { organizationId, at: 900 });
  await settleLook(db, { organizationId, at: 100 }, next);
  expect(await dueLooks(db, 1_000, 10)).toContainEqual({ organizationId, at: 900 });
  await settleLook(db, { organizationId, at: 900 }, next);
  expect(await dueLooks(db, 1_000, 10)).toEqual(next === null ? [] : [{ organizationId, at: next }]);
  await env.DB.prepare("DELETE FROM delivery_looks").run();
});

test("an organization and its default collection are stored together or not at all", async () => {
  const organization = { id: crypto.randomUUID(), name: "Acme", created_at: 5 };
  const takenId = "00000000-0000-4000-8000-000000000002";
  await expect(insertOrganization(db, organization, takenId)).rejects.toThrow("UNIQUE constraint failed");
  expect(await organizationExists(db, organization.id)).toBe(false);

  await insertOrganization(db, organization, crypto.randomUUID());
  expect(await findCollection(db, organization.id, "default")).toMatchObject({ created_at: 5 });
  expect(await listOrganizations(db, { skip: 0, limit: 10 })).toContainEqual(organization);
});

test("a key is found by its hash, and deleted by its own organization only", async () => {
  const key = { id: "key", organization_id: "org", name: "K", prefix: "slc_abcdef", created_at: 1, expires_at: null };
  await insertApiKey(db, key, "hash");
  expect(await findApiKeyByHash(db, "hash")).toEqual(key);
  expect(await findApiKeyByHash(db, "other")).toBeNull();
  expect(await deleteApiKey(db, "another", "key")).toBeNull();
  expect(await deleteApiKey(db, "org", "key")).toEqual(key);
  expect(await findApiKeyByHash(db, "hash")).toBeNull();
});

test("connections are overdue when a job of theirs should have been worked on, the longest overdue first", async () => {
  const late = aJobRecord({ wakeAt: 200 });
  const later = aJobRecord({ wakeAt: 100 });
  const onTime = aJobRecord({ wakeAt: 1_000 });
  const ended = aJobRecord({ wakeAt: null, status: "COMPLETED" });
  await project(db, [late, later, onTime, ended]);
  const [first, second] = [later, late].map(({ connectionId, id }) => ({ id: connectionId, jobIds: [id] }));
  expect(await overdueConnections(db, { before: 1_000, limit: 10 })).toEqual([first, second]);
  expect(await overdueConnections(db, { before: 1_000, limit: 1 })).toEqual([first]);
});
