import { createScheduledController } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { Webhook } from "standardwebhooks";
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import worker from "#index";
import { ORGANIZATION, stopClock, TestConnection, follow, valueOf } from "#test/support/connection";
import { at, textAt } from "#test/support/http-client";
import { FIXTURE_KEY, hookTokenOf, RECEIVER_SECRET, signedAsGitHub } from "./access.ts";
import { CRM_CREDENTIALS, CRM_MANIFEST, CRM_SOURCE } from "./crm-manifest.ts";
import { CUSTOM_AT_FIRST, CUSTOM_NOW, GONE, PASS_AT_FIRST, PASS_NOW, type Tables } from "./crm-rows.ts";
import { Crm, CRM_HOSTS } from "./crm.ts";
import { HOOK_BODY } from "./custom-scenario.ts";
import { deliverAll } from "./deliver-all.ts";
import { deployOver } from "./deploy-over.ts";
import { dropTables, FIXTURES } from "./fixture.ts";
import { laterRow } from "./later-row.ts";
import { answerFor } from "./outside.ts";

beforeEach(() => stopClock());
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});
// Without the table of what has been applied, these would be in the way of the migrations of the file that comes next.
afterAll(() => dropTables());

/** Fixtures that hold a storage of each kind, as a release left them and as a later one would have. */
const WHOLE = FIXTURES.flatMap((fixture) => {
  const { release, further } = fixture;
  if (further === null) return [];
  return [
    { release, fixture, further, how: "as it is", changed: (statement: string) => statement },
    { release, fixture, further, how: "after going back from a later one", changed: laterRow },
  ];
});

/** The fixtures' CRMs as they are now. Each has given a token out, which is the one that was kept. */
function crmsOfFixtures() {
  return { custom: new Crm(CRM_HOSTS.custom, CUSTOM_NOW, 1), pass: new Crm(CRM_HOSTS.pass, PASS_NOW, 1) };
}

/** Streams of rows that have a key. */
const KEYED = ["companies", "people"];

/** Rows by id. */
function keyedRows(tables: Tables): Map<string, unknown> {
  return new Map(KEYED.flatMap((path) => tables.get(path) ?? []).map((row) => [textAt(row, "id"), row]));
}

async function expectCopyOf(connection: TestConnection, tables: Tables): Promise<void> {
  const copies = await Promise.all(KEYED.map((stream) => connection.copy(stream)));
  expect(new Map(copies.flatMap((copy) => [...copy]))).toEqual(keyedRows(tables));
  const notes = [...(await connection.copy("notes")).values()];
  expect(notes).toHaveLength(tables.get("notes")?.length ?? 0);
  expect(notes).toEqual(expect.arrayContaining([...(tables.get("notes") ?? [])]));
}

/** A consumer who stopped at `cursor`, with these rows, has the others when it has followed. */
async function expectFeedLeads(connection: TestConnection, cursor: string, from: Tables, to: Tables): Promise<void> {
  const { changes } = await connection.changes(cursor);
  const keyed = changes.filter(({ stream }) => KEYED.includes(stream));
  expect(follow(keyed, keyedRows(from))).toEqual(keyedRows(to));
}

/** What the Worker answers to whoever has the key that the fixture holds. */
async function call(method: string, path: string, sent: { headers?: Record<string, string>; body?: string } = {}) {
  const headers = { authorization: `Bearer ${FIXTURE_KEY}`, "content-type": "application/json", ...sent.headers };
  const response = await worker.fetch(new Request(`http://sluice.test/v1${path}`, { ...sent, method, headers }), env);
  return { status: response.status, body: await response.json<unknown>() };
}

describe.each(WHOLE)("what release $release holds, $how", ({ fixture, further, changed }) => {
  test("the custom source's connection syncs on with the token that it kept, from where it was", async () => {
    const { custom: crm, pass } = crmsOfFixtures();
    answerFor([crm, pass]);
    await deployOver(fixture, changed);
    const connection = new TestConnection(further.custom.id);
    await connection.settle();

    const { jobs } = valueOf(await connection.stub.jobs(ORGANIZATION, { limit: 10, cursor: null }));
    expect(jobs).toMatchObject([
      { status: "COMPLETED", trigger: "webhook", mode: "incremental", counts: { inserted: 2, updated: 0, deleted: 1 } },
      { status: "COMPLETED", trigger: "manual", mode: "incremental" },
      { status: "COMPLETED", trigger: "manual", mode: "full" },
    ]);
    expect(crm.spent).toEqual(["refresh-1"]);
    expect(crm.asked.filter((asked) => asked.startsWith("people"))).toEqual(["people?since=2026-01-01T20%3A00%3A00Z"]);
    await expectCopyOf(connection, CUSTOM_NOW);
    await expectFeedLeads(connection, further.custom.cursor, CUSTOM_AT_FIRST, CUSTOM_NOW);
  });

  test("the pass goes on at its page and deletes exactly what is gone", async () => {
    const { custom, pass: crm } = crmsOfFixtures();
    answerFor([custom, crm]);
    await deployOver(fixture, changed);
    const connection = new TestConnection(further.pass.id);
    const { jobId } = further.pass;
    expect(await connection.job(jobId)).toMatchObject({ status: "RUNNING", mode: "full", counts: { deleted: 0 } });

    const job = await connection.finish({ id: jobId });
    const { changes } = await connection.changes(further.pass.cursor);
    for (const stream of KEYED) {
      const deleted = changes.filter((change) => change.op === "delete" && change.stream === stream);
      expect(deleted.map(({ id }) => id).toSorted()).toEqual(GONE.get(stream)?.toSorted());
    }
    expect(job).toMatchObject({ status: "COMPLETED", counts: { inserted: 3, updated: 2, deleted: 23, kept: 72 } });
    expect(crm.asked).toEqual(["companies?page=3", "companies?page=4", "companies?page=5"]);
    expect(crm.spent).toEqual(["refresh-1"]);
    await expectCopyOf(connection, PASS_NOW);
    await expectFeedLeads(connection, further.pass.cursor, PASS_AT_FIRST, PASS_NOW);

    expect(await connection.sync({ forceFullSync: true })).toMatchObject({ counts: { kept: 77, deleted: 0 } });
    await connection.settle();
    const told = env.DB.prepare("SELECT status, entities_deleted FROM sync_jobs WHERE id = ?").bind(jobId);
    expect(await told.first()).toEqual({ status: "COMPLETED", entities_deleted: 23 });
  });

  test("its key signs in, its deliveries are listed, and one that is sent again is known", async () => {
    const { custom, pass } = crmsOfFixtures();
    answerFor([custom, pass]);
    await deployOver(fixture, changed);
    const listed = await call("GET", "/source-connections");
    expect(listed.status).toBe(200);
    expect([0, 1, 2].map((index) => textAt(listed.body, index, "name")).toSorted()).toEqual([
      "Customers",
      "Customers in mid-pass",
      "Fixture",
    ]);

    const { id } = further.custom;
    const hook = `/hooks/${hookTokenOf(id)}`;
    const again = await call("POST", hook, { body: HOOK_BODY, headers: await signedAsGitHub(HOOK_BODY, "delivery-1") });
    expect(again).toMatchObject({ status: 202, body: { status: "duplicate", delivery_id: "delivery-1" } });
    expect(await call("GET", `/source-connections/${id}/webhook`)).toMatchObject({
      body: {
        verification: { scheme: "github" },
        counts: { debounced: 1, refused: 1, duplicate: 1, started: 0 },
        deliveries: [
          { outcome: "duplicate", delivery_id: "delivery-1" },
          { outcome: "debounced", delivery_id: "delivery-1" },
          { outcome: "refused", reason: expect.stringContaining("X-Hub-Signature-256") },
        ],
      },
    });
  });

  test("its custom source is shown as it was sent, and connects", async () => {
    const crm = new Crm("crm-of-others.test", CUSTOM_NOW);
    answerFor([crm]);
    await deployOver(fixture, changed);
    const shown = await call("GET", `/sources/${CRM_SOURCE}?include=manifest`);
    expect(shown).toMatchObject({ status: 200, body: { name: "Customers", labels: ["CRM"] } });
    expect(JSON.parse(textAt(shown.body, "manifest"))).toEqual(CRM_MANIFEST);

    const made = await call("POST", "/source-connections", {
      body: JSON.stringify({
        short_name: CRM_SOURCE,
        config: { url: crm.url },
        authentication: { credentials: CRM_CREDENTIALS },
        sync_immediately: false,
      }),
    });
    expect(made.status).toBe(200);
    const connection = new TestConnection(textAt(made.body, "id"));
    expect(await connection.sync()).toMatchObject({ status: "COMPLETED" });
    await connection.settle();
    await expectCopyOf(connection, CUSTOM_NOW);
  });

  test("what waited to be told is told, signed, also what the receiver had refused", async () => {
    const { custom, pass } = crmsOfFixtures();
    const { receiver } = answerFor([custom, pass]);
    const { events } = await deployOver(fixture, changed);
    await worker.scheduled(createScheduledController(), env);
    await new TestConnection(further.custom.id).settle();
    await deliverAll(events);

    expect(await env.DB.prepare("SELECT * FROM waiting_events").all()).toMatchObject({ results: [] });
    const webhook = new Webhook(RECEIVER_SECRET);
    const told = receiver.received.map(({ body, headers }) => webhook.verify(body, Object.fromEntries(headers)));
    const [cancelled] = told.filter((body) => at(body, "event_type") === "sync.cancelled");
    expect(cancelled).toMatchObject({ source_connection_id: fixture.connectionId });
    expect(told).toContainEqual(
      expect.objectContaining({ event_type: "collection.created", collection_readable_id: "fixture" }),
    );
    expect(told).toContainEqual(
      expect.objectContaining({ event_type: "source_connection.updated", source_connection_id: further.custom.id }),
    );

    const { messages } = valueOf(await events.messages({ types: ["sync.cancelled"], limit: 10, cursor: null }));
    expect(messages).toHaveLength(1);
    const { attempts } = valueOf(await events.message(messages[0]?.id ?? "", { includeAttempts: true }));
    expect(attempts?.at(0)).toMatchObject({ isSuccess: false, statusCode: 500 });
    expect(attempts?.at(-1)).toMatchObject({ isSuccess: true });
  });
});
