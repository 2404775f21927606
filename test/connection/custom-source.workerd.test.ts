import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import type { JsonObject } from "#core/json";
import type { CreateConnection, RunRequest } from "#connection/rpc";
import { aManifest, aStreamOf } from "#test/support/a-manifest";
import { registerManifest } from "#test/support/custom-source";
import { neverAnswered } from "#test/support/couch-upstream";
import { follow, stopClock, TestConnection, valueOf } from "#test/support/connection";

/** Pages of ten records that the API behind `https://api.test` has, by path; and who asked, in order. */
let pages: Map<string, number>;
let asked: string[];
/** Whose records it has: part of their ids. */
let account: string;
/** Happens before a request is answered; may answer it. */
let before: (url: URL) => Promise<Response | undefined> | Response | undefined;

beforeEach(() => {
  stopClock();
  pages = new Map([
    ["people", 3],
    ["companies", 1],
  ]);
  asked = [];
  account = "";
  before = () => undefined;
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    const instead = await before(url);
    if (instead !== undefined) return instead;
    const name = url.pathname.slice(1);
    const page = Number(url.searchParams.get("page") ?? 1);
    asked.push(`${name} ${page} ${request.headers.get("authorization")}`);
    const count = page <= (pages.get(name) ?? 0) ? 10 : 0;
    const data = Array.from({ length: count }, (_, index) => ({ id: `${account}${name}-${page}-${index}`, page }));
    return Response.json({ data });
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const people = aStreamOf("people");
const companies = aStreamOf("companies");
const changing = aStreamOf("people", {
  incremental_sync: {
    type: "DatetimeBasedCursor",
    cursor_field: "updated_at",
    start_datetime: "2026-01-01T00:00:00Z",
    datetime_format: "%Y-%m-%dT%H:%M:%SZ",
    start_time_option: { type: "RequestOption", inject_into: "request_parameter", field_name: "since" },
  },
});

/** From which time on was asked for, request by request. */
function answerWithOneChange(): (string | null)[] {
  const since: (string | null)[] = [];
  vi.mocked(globalThis.fetch).mockImplementation(async (input, init) => {
    const { searchParams } = new URL(new Request(input, init).url);
    since.push(searchParams.get("since"));
    return Response.json({ data: [{ id: "1", updated_at: "2026-03-01T00:00:00Z" }] });
  });
  return since;
}

/** Marks what a version of the manifest made. */
const marked = (stream: JsonObject, version: number): JsonObject => ({
  ...stream,
  transformations: [{ type: "AddFields", fields: [{ path: ["version"], value: `${version}` }] }],
});

async function setUp(overrides: Partial<CreateConnection> = {}, manifest = aManifest([people])) {
  const shortName = `crm-${crypto.randomUUID()}`;
  const register = (next: JsonObject) => registerManifest(ORGANIZATION, shortName, next);
  const connection = await TestConnection.create({
    organizationId: ORGANIZATION,
    shortName,
    manifest: await register(manifest),
    config: { start_date: "2026-01-01" },
    credentials: { api_key: "s3cret" },
    ...overrides,
  });
  return { connection, register };
}

const ORGANIZATION = "00000000-0000-4000-8000-000000000001";

async function versionsIn(connection: TestConnection): Promise<unknown[]> {
  const copy = await connection.copy();
  const versions = [...copy.values()].map((data) =>
    typeof data === "object" && data !== null && "version" in data ? data.version : null,
  );
  return [...new Set(versions)];
}

test("a manifest is checked on create and syncs like any other source", async () => {
  const { connection } = await setUp();
  expect(asked).toEqual(["people 1 Bearer s3cret"]);
  expect(await connection.sync()).toMatchObject({ status: "COMPLETED", counts: { inserted: 30 } });
  expect((await connection.copy()).size).toBe(30);
});

/** Dies while its second page is asked for, when `meanwhile` has happened, and goes on. */
async function interrupted(connection: TestConnection, meanwhile: () => Promise<unknown>) {
  const job = valueOf(await connection.run());
  let hasHappened = false;
  before = async (url) => {
    if (url.searchParams.get("page") !== "2") return undefined;
    before = () => undefined;
    asked = [];
    await meanwhile();
    hasHappened = true;
    return neverAnswered();
  };
  await connection.dieInAlarm(() => hasHappened);
  return connection.finish(job);
}

test("a job keeps the version that it began with, also where a newer one comes while it is away; the next job has that", async () => {
  const { connection, register } = await setUp({}, aManifest([marked(people, 1)]));
  const job = await interrupted(connection, () => register(aManifest([marked(people, 2)])));
  expect(job).toMatchObject({ status: "COMPLETED", counts: { inserted: 30 } });
  expect(await versionsIn(connection)).toEqual([1]);
  await connection.sync();
  expect(await versionsIn(connection)).toEqual([2]);
});

describe("where the config is changed, what was read under the other one says nothing of what this one reads", () => {
  const OTHER_CONFIG = { config: { start_date: "2026-02-02" } };

  test("a job that was reading lists and reads everything anew, also in a newer version, and counts all it did", async () => {
    const { connection, register } = await setUp({}, aManifest([marked(people, 1)]));
    const checks: string[] = [];
    const job = await interrupted(connection, async () => {
      await register(aManifest([marked(companies, 2), marked(people, 2)]));
      valueOf(await connection.stub.update(ORGANIZATION, OTHER_CONFIG));
      checks.push(...asked);
    });
    expect(checks).toEqual(["companies 1 Bearer s3cret"]);
    expect(job).toMatchObject({ status: "COMPLETED", counts: { inserted: 40, updated: 10, deleted: 0, kept: 0 } });
    expect(await versionsIn(connection)).toEqual([2]);
  });

  /** Changes the config while the second page is on its way, and what there is to read with it. */
  async function changedInTheMiddle(connection: TestConnection, request: Partial<RunRequest>) {
    const job = valueOf(await connection.run(request));
    before = async (url) => {
      if (url.searchParams.get("page") !== "2") return undefined;
      before = () => undefined;
      account = "other";
      valueOf(await connection.stub.update(ORGANIZATION, OTHER_CONFIG));
      return neverAnswered();
    };
    return connection.finish(job);
  }

  test("the copy is what the new one has: a pass over some of each proves nothing", async () => {
    const { connection } = await setUp();
    expect(await changedInTheMiddle(connection, {})).toMatchObject({
      status: "COMPLETED",
      counts: { inserted: 40, deleted: 10 },
    });
    expect([...(await connection.copy()).keys()].filter((id) => !id.startsWith("other"))).toEqual([]);
    expect(follow((await connection.changes()).changes)).toEqual(await connection.copy());
    expect(await connection.sync()).toMatchObject({ counts: { inserted: 0, deleted: 0, kept: 30 } });
  });

  test("deletes that were confirmed before are held back: nobody saw these", async () => {
    const { connection } = await setUp({ settings: { delete_guard_min_entities: 1 } });
    await connection.sync();
    const confirmed = { forceFullSync: true, confirmDeletes: true };
    expect(await changedInTheMiddle(connection, confirmed)).toMatchObject({
      status: "FAILED",
      errorCategory: "deletes_held_back",
      counts: { inserted: 30, deleted: 0 },
    });
  });

  test("nor does the run that follows make deletes that were confirmed for it before", async () => {
    const { connection } = await setUp({ settings: { delete_guard_min_entities: 1, delete_guard_ratio: 0.4 } });
    await connection.sync();
    const job = valueOf(await connection.run());
    before = async (url) => {
      if (url.searchParams.get("page") !== "2") return undefined;
      before = () => undefined;
      account = "other";
      valueOf(await connection.run({ forceFullSync: true, confirmDeletes: true, onConflict: "queue" }));
      valueOf(await connection.stub.update(ORGANIZATION, OTHER_CONFIG));
      return neverAnswered();
    };
    await connection.finish(job);
    const [followUp] = valueOf(await connection.stub.jobs(ORGANIZATION, { limit: 1, cursor: null })).jobs;
    if (followUp === undefined) throw new Error("No run followed.");
    expect(await connection.finish(followUp)).toMatchObject({
      errorCategory: "deletes_held_back",
      counts: { deleted: 0 },
    });
  });

  test("the next job does not go on from the cursor; after the same config again it does", async () => {
    const { connection } = await setUp({}, aManifest([changing]));
    const since = answerWithOneChange();
    const modes = [(await connection.sync()).mode];
    valueOf(await connection.stub.update(ORGANIZATION, OTHER_CONFIG));
    modes.push((await connection.sync()).mode);
    valueOf(await connection.stub.update(ORGANIZATION, OTHER_CONFIG));
    modes.push((await connection.sync()).mode);
    expect(modes).toEqual(["full", "full", "incremental"]);
    expect(since.filter((at) => at === "2026-01-01T00:00:00Z")).toHaveLength(4);
  });
});

test("where D1 fails, a job takes the version that is here", async () => {
  const { connection, register } = await setUp({}, aManifest([marked(people, 1)]));
  await register(aManifest([marked(people, 2)]));
  await env.DB.exec("ALTER TABLE custom_sources RENAME TO custom_sources_away");
  try {
    expect(await connection.sync()).toMatchObject({ status: "COMPLETED" });
    expect(await versionsIn(connection)).toEqual([1]);
  } finally {
    await env.DB.exec("ALTER TABLE custom_sources_away RENAME TO custom_sources");
  }
  await connection.sync();
  expect(await versionsIn(connection)).toEqual([2]);
});

test("a connection goes on where its source is gone from D1", async () => {
  const { connection } = await setUp();
  await env.DB.exec("DELETE FROM custom_sources");
  expect(await connection.sync()).toMatchObject({ status: "COMPLETED", counts: { inserted: 30 } });
});

test("a source of the same name that was deleted and registered again is noticed, though it is version 1 again", async () => {
  const { connection, register } = await setUp({}, aManifest([marked(people, 1)]));
  await env.DB.exec("DELETE FROM custom_sources");
  await register(aManifest([marked(people, 2)]));
  await connection.sync();
  expect(await versionsIn(connection)).toEqual([2]);
});

test("one stream that can't run leaves the others running", async () => {
  const scripted = { ...companies, retriever: { type: "CustomRetriever", class_name: "a.B" } };
  const { connection } = await setUp({}, aManifest([people, scripted]));
  expect(await connection.sync()).toMatchObject({ status: "COMPLETED", counts: { inserted: 30 } });
});

describe("a stream that vanished from the manifest", () => {
  const both = aManifest([people, companies]);

  async function vanished() {
    const all = await setUp({}, both);
    await all.connection.sync();
    await all.register(aManifest([people]));
    return all;
  }

  test("keeps its entities until it is reset", async () => {
    const { connection } = await vanished();
    expect(await connection.sync({ forceFullSync: true })).toMatchObject({ status: "COMPLETED" });
    expect((await connection.copy("companies")).size).toBe(10);
  });

  test("loses them in the job after its reset, each told in the change feed, with exact counts", async () => {
    const { connection } = await vanished();
    const { changes: inserts, next } = await connection.changes();
    expect(valueOf(await reset(connection, "companies")).streams.find(({ name }) => name === "companies")?.count).toBe(
      10,
    );
    const job = await connection.sync();
    expect(job).toMatchObject({ status: "COMPLETED", counts: { inserted: 0, updated: 0, deleted: 10, kept: 30 } });
    expect((await connection.copy("companies")).size).toBe(0);
    const { changes } = await connection.changes(next);
    expect(changes.map(({ op, stream, job_id }) => `${op} ${stream} ${job_id}`)).toEqual(
      Array.from({ length: 10 }, () => `delete companies ${job.id}`),
    );
    expect(follow(changes, follow(inserts))).toEqual(await connection.copy());
    expect((await connection.describe()).streams.map(({ name, count }) => `${name} ${count}`)).toEqual([
      "companies 0",
      "people 30",
    ]);
    expect(await entityCount(connection)).toBe(30);
    expect(await connection.sync()).toMatchObject({ counts: { deleted: 0, kept: 30 } });
  });

  test("loses them in batches over several alarms where they are many", async () => {
    pages.set("companies", 1_200);
    const { connection } = await vanished();
    expect((await connection.copy("companies")).size).toBe(12_000);
    valueOf(await reset(connection, "companies"));
    expect(await connection.sync()).toMatchObject({ status: "COMPLETED", counts: { deleted: 12_000 } });
    expect(await entityCount(connection)).toBe(30);
  });

  test("loses them once the job's other streams are read: a job that fails deletes nothing, and the next one does", async () => {
    const { connection } = await vanished();
    valueOf(await reset(connection, "companies"));
    before = () => new Response("no", { status: 400 });
    expect(await connection.sync()).toMatchObject({ status: "FAILED", counts: { deleted: 0 } });
    before = () => undefined;
    expect(await connection.sync()).toMatchObject({ status: "COMPLETED", counts: { deleted: 10 } });
  });

  test("is read again if it came back before the job", async () => {
    const { connection, register } = await vanished();
    valueOf(await reset(connection, "companies"));
    await register(both);
    expect(await connection.sync()).toMatchObject({ counts: { inserted: 0, deleted: 0, kept: 40 } });
  });

  test("is read anew if it comes back afterwards", async () => {
    const { connection, register } = await vanished();
    valueOf(await reset(connection, "companies"));
    await connection.sync();
    await register(both);
    expect(await connection.sync()).toMatchObject({ counts: { inserted: 10, kept: 30 } });
    expect(follow((await connection.changes()).changes)).toEqual(await connection.copy());
  });

  test("can't be reset while a job is active, by a stranger, or where there is no such stream", async () => {
    const { connection } = await vanished();
    const job = valueOf(await connection.run());
    expect(await reset(connection, "companies")).toMatchObject({
      ok: false,
      refusal: { code: "job_active", job: { id: job.id } },
    });
    await connection.finish(job);
    expect(await reset(connection, "none")).toMatchObject({ ok: false, refusal: { code: "not_found" } });
    const stranger = await connection.stub.resetStream(crypto.randomUUID(), "companies");
    expect(stranger).toMatchObject({ ok: false, refusal: { code: "not_found" } });
  });
});

test("an incremental stream that is reset is read in full once, and incrementally again", async () => {
  const { connection } = await setUp({}, aManifest([changing]));
  const since = answerWithOneChange();
  const modes = [(await connection.sync()).mode, (await connection.sync()).mode];
  const summary = async () => valueOf(await connection.stub.describe(ORGANIZATION)).streams[0];
  expect(await summary()).toMatchObject({ cursor: expect.anything(), isReset: false });
  valueOf(await connection.stub.resetStream(ORGANIZATION, "people"));
  expect(await summary()).toMatchObject({ cursor: null, isReset: true });
  modes.push((await connection.sync()).mode, (await connection.sync()).mode);
  expect(modes).toEqual(["full", "incremental", "full", "incremental"]);
  expect(since).toEqual([
    "2026-01-01T00:00:00Z",
    "2026-03-01T00:00:00Z",
    "2026-01-01T00:00:00Z",
    "2026-03-01T00:00:00Z",
  ]);
});

async function entityCount(connection: TestConnection): Promise<unknown> {
  await connection.settle();
  return env.DB.prepare("SELECT entity_count FROM source_connections WHERE id = ?")
    .bind(connection.id)
    .first("entity_count");
}

function reset(connection: TestConnection, stream: string) {
  return connection.stub.resetStream(ORGANIZATION, stream);
}
