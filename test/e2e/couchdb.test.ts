import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { startPouchdbServer, type PouchdbServer } from "#test/support/pouchdb-server";
import {
  connect,
  countsOf,
  describeConnection,
  run,
  runToEnd,
  tryToConnect,
  untilEnded,
  untilJob,
} from "./connection.ts";
import { expectFeedToGiveTheCopy, expectSameCopy, exportCopy, follow, keyOf, type Copy } from "./copy.ts";
import { documentsOf, setPassword } from "./pouchdb-admin.ts";
import { startSluice, type Sluice } from "./sluice.ts";

/*
 * A real CouchDB-speaking server, PouchDB Server, read by the Worker as it would be deployed.
 */

let sluice: Sluice;
let server: PouchdbServer;
beforeAll(async () => {
  [sluice, server] = await Promise.all([startSluice(), startPouchdbServer()]);
});
afterAll(async () => {
  await sluice?.close();
  await server?.stop();
});

function input(databases: readonly string[], pageSize = 100) {
  return {
    short_name: "couchdb",
    config: { url: server.url, databases, page_size: pageSize },
    credentials: server.credentials,
  };
}

/** What the server itself says that the database holds. */
async function expectCopyOf(id: string, ...databases: readonly string[]): Promise<void> {
  const expected: Copy = new Map();
  for (const database of databases) {
    for (const [docId, document] of await documentsOf(server, database)) expected.set(keyOf(database, docId), document);
  }
  expectSameCopy(await exportCopy(sluice, id), expected);
  await expectFeedToGiveTheCopy(sluice, id);
}

function readerWith(password: string) {
  return { username: "reader", password };
}

function notes(from: number, to: number) {
  return Array.from({ length: to - from + 1 }, (_, index) => ({ _id: `note-${from + index}`, n: from + index }));
}

describe("documents added, edited, deleted and in conflict", () => {
  test("between runs: the copy follows, and each job counts exactly what changed", async () => {
    await server.createDatabase("between");
    const first = await server.write("between", notes(1, 250));
    const { id } = await connect(sluice, input(["between"]));
    const full = await runToEnd(sluice, id);
    expect(full).toMatchObject({ status: "COMPLETED", sync_mode: "full" });
    expect(countsOf(full)).toMatchObject({ inserted: 250, updated: 0, deleted: 0 });
    await expectCopyOf(id, "between");
    const consumer: Copy = new Map();
    const { cursor } = await follow(sluice, id, null, consumer);

    const second = await server.write("between", [
      { _id: "note-1", _rev: first["note-1"], edited: true },
      { _id: "note-2", _rev: first["note-2"], _deleted: true },
      { _id: "note-3", _rev: first["note-3"], edited: "once" },
      ...notes(251, 260),
    ]);
    await server.write("between", [{ _id: "note-3", _rev: second["note-3"], edited: "twice" }]);
    // Written and deleted between two runs: never seen.
    const brief = await server.write("between", [{ _id: "brief" }]);
    await server.write("between", [{ _id: "brief", _rev: brief["brief"], _deleted: true }]);
    await server.replicate("between", [
      { _id: "note-4", _rev: "2-zzzz", _revisions: { start: 2, ids: ["zzzz", "y"] }, won: true },
    ]);
    const incremental = await runToEnd(sluice, id);
    expect(incremental).toMatchObject({ status: "COMPLETED", sync_mode: "incremental" });
    expect(countsOf(incremental)).toMatchObject({ inserted: 10, updated: 3, deleted: 1 });
    await expectCopyOf(id, "between");
    expect(await follow(sluice, id, cursor, consumer)).toMatchObject({ upserts: 13, deletes: 1 });
    expectSameCopy(consumer, await exportCopy(sluice, id));

    expect(countsOf(await runToEnd(sluice, id))).toEqual({ inserted: 0, updated: 0, deleted: 0, kept: 0, failed: 0 });
  });

  test("during a run: nothing is missed, and the next run finds nothing left to do", async () => {
    await server.createDatabase("during");
    const revisions = await server.write("during", notes(1, 600));
    const { id } = await connect(sluice, input(["during"], 10));
    const started = await run(sluice, id);
    await untilJob(sluice, started, "has begun", ({ entities_inserted }) => entities_inserted > 0);
    await server.write("during", [
      { _id: "note-1", _rev: revisions["note-1"], edited: true },
      { _id: "note-2", _rev: revisions["note-2"], _deleted: true },
      { _id: "note-599", _rev: revisions["note-599"], edited: true },
      { _id: "note-600", _rev: revisions["note-600"], _deleted: true },
      ...notes(601, 620),
    ]);
    expect(await untilEnded(sluice, started)).toMatchObject({ status: "COMPLETED", entities_failed: 0 });
    expect(await runToEnd(sluice, id)).toMatchObject({ status: "COMPLETED" });
    await expectCopyOf(id, "during");
    expect(countsOf(await runToEnd(sluice, id))).toMatchObject({ inserted: 0, updated: 0, deleted: 0 });
  });

  test("several databases are several streams", async () => {
    await server.createDatabase("one");
    await server.createDatabase("two");
    await server.write("one", notes(1, 5));
    await server.write("two", notes(1, 7));
    const { id } = await connect(sluice, input(["one", "two"]));
    expect(await runToEnd(sluice, id)).toMatchObject({ status: "COMPLETED", entities_inserted: 12 });
    await expectCopyOf(id, "one", "two");
    expect((await describeConnection(sluice, id)).entities?.by_type).toMatchObject({
      one: { count: 5 },
      two: { count: 7 },
    });
  });
});

test("a database created anew under the same name leads to a full pass, which deletes what is gone", async () => {
  await server.createDatabase("again");
  await server.write("again", notes(1, 20));
  const { id } = await connect(sluice, input(["again"]));
  await runToEnd(sluice, id);
  await server.deleteDatabase("again");
  await server.createDatabase("again");
  await server.write("again", [...notes(11, 20), ...notes(101, 130)]);
  expect(await runToEnd(sluice, id)).toMatchObject({
    status: "COMPLETED",
    entities_inserted: 30,
    entities_deleted: 10,
  });
  await expectCopyOf(id, "again");
});

test("a database that is gone fails the job and deletes nothing", async () => {
  await server.createDatabase("gone");
  await server.write("gone", notes(1, 3));
  const { id } = await connect(sluice, input(["gone"]));
  await runToEnd(sluice, id);
  await server.deleteDatabase("gone");
  const job = await runToEnd(sluice, id);
  expect(job).toMatchObject({ status: "FAILED", error_category: "not_found", entities_deleted: 0 });
  expect((await exportCopy(sluice, id)).size).toBe(3);
});

describe("credentials", () => {
  test("wrong ones are refused on create with 400, and nothing is created", async () => {
    await server.createDatabase("private");
    const wrong = { ...server.credentials, password: "not-the-password" };
    const answer = await tryToConnect(sluice, { ...input(["private"]), credentials: wrong });
    expect(answer).toMatchObject({ status: 400, body: { detail: expect.stringContaining("401") } });
    expect(answer.text).not.toContain(wrong.password);
    const listed = await sluice.call("GET", "/source-connections?limit=1000");
    expect(listed.text).not.toContain(server.url);
  });

  test("that stop working fail the job and mark the connection; new ones mend it", async () => {
    await server.createDatabase("rotated");
    await server.write("rotated", notes(1, 10));
    await setPassword(server, "reader", "first-password");
    const { id } = await connect(sluice, { ...input(["rotated"]), credentials: readerWith("first-password") });
    await runToEnd(sluice, id);
    await server.write("rotated", notes(11, 12));
    await setPassword(server, "reader", "second-password");

    const failed = await runToEnd(sluice, id);
    expect(failed).toMatchObject({ status: "FAILED", error_category: "api_key_invalid", entities_deleted: 0 });
    const broken = await describeConnection(sluice, id);
    expect(broken).toMatchObject({ status: "needs_reauth", error_category: "api_key_invalid" });
    expect(broken.error_message).toContain("API key");
    const listed = await sluice.call("GET", "/source-connections?limit=1000");
    expect(listed.body).toContainEqual(expect.objectContaining({ id, status: "needs_reauth" }));

    const patch = (password: string) =>
      sluice.call("PATCH", `/source-connections/${id}`, {
        body: { authentication: { credentials: readerWith(password) } },
      });
    expect(await patch("first-password")).toMatchObject({ status: 400 });
    expect((await describeConnection(sluice, id)).status).toBe("needs_reauth");
    expect(await patch("second-password")).toMatchObject({ status: 200 });
    expect((await describeConnection(sluice, id)).status).toBe("active");
    expect(await runToEnd(sluice, id)).toMatchObject({ status: "COMPLETED", entities_inserted: 2 });
    await expectCopyOf(id, "rotated");
  });
});
