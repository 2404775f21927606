import { AirweaveSDKClient, AirweaveSDKError, AirweaveSDK } from "@airweave/sdk";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { jobRefusalSchema } from "#http/schemas/refusal";
import { listJobs, readJob, untilEnded } from "./connection.ts";
import { startProxy } from "./flaky-proxy.ts";
import { startSluice, type Sluice } from "./sluice.ts";

const UNKNOWN_ID = "11111111-2222-4333-8444-555555555555";

let sluice: Sluice;
let client: AirweaveSDKClient;
beforeAll(async () => {
  sluice = await startSluice();
  client = clientAt(sluice.address);
});
afterAll(() => sluice?.close());

function clientAt(address: string, apiKey: string = sluice.apiKey): AirweaveSDKClient {
  return new AirweaveSDKClient({ apiKey, baseUrl: `${address}/v1` });
}

function connectTimed(durationSeconds: number, overrides: object = {}) {
  return client.sourceConnections.create({
    name: "Timed",
    short_name: "timed",
    readable_collection_id: "default",
    config: { entity_count: 10, duration_seconds: durationSeconds },
    authentication: { credentials: { timed_key: "any" } },
    sync_immediately: false,
    ...overrides,
  });
}

async function refusalOf(call: PromiseLike<unknown>): Promise<AirweaveSDKError> {
  const thrown: unknown = await Promise.resolve(call).then(
    () => null,
    (error: unknown) => error,
  );
  if (thrown instanceof AirweaveSDKError) return thrown;
  throw new Error(`The SDK was expected to throw an AirweaveSDKError, not ${String(thrown)}.`);
}

describe("sources", () => {
  test("list and get show what can be connected, with the fields of config and credentials", async () => {
    const sources = await client.sources.list();
    expect(sources.map(({ short_name }) => short_name)).toEqual(expect.arrayContaining(["couchdb", "github", "timed"]));
    const couchdb = await client.sources.get("couchdb");
    expect(sources).toContainEqual(couchdb);
    expect(couchdb).toMatchObject({ name: "CouchDB", supports_continuous: true, auth_methods: ["direct"] });
    expect(couchdb.config_fields.fields.map(({ name }) => name)).toEqual(["url", "databases", "page_size"]);
    expect(couchdb.auth_fields?.fields.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["username", "password"]),
    );
  });

  test("a source that does not exist is a 404", async () => {
    expect(await refusalOf(client.sources.get("nope"))).toMatchObject({ statusCode: 404 });
  });
});

describe("collections", () => {
  test("create, get, list, search, page and delete", async () => {
    const created = await client.collections.create({ name: "Customer data", readable_id: "customer-data" });
    expect(created).toMatchObject({ name: "Customer data", readable_id: "customer-data", status: "NEEDS SOURCE" });
    expect(await client.collections.get("customer-data")).toEqual(created);
    const second = await client.collections.create({ name: "Café & more" });
    expect(second.readable_id).toMatch(/^cafe-more-[a-z0-9]{6}$/);

    const all = await client.collections.list();
    expect(all.map(({ readable_id }) => readable_id)).toEqual([second.readable_id, "customer-data", "default"]);
    expect(await client.collections.list({ skip: 1, limit: 1 })).toEqual([created]);
    expect(await client.collections.list({ search: "CUSTOMER" })).toEqual([created]);

    expect(await client.collections.delete("customer-data")).toMatchObject({ readable_id: "customer-data" });
    await client.collections.delete(second.readable_id);
    expect(await refusalOf(client.collections.get("customer-data"))).toMatchObject({ statusCode: 404 });
  });

  test("a readable id that is taken is a 400, a bad one an UnprocessableEntityError that says where", async () => {
    expect(await refusalOf(client.collections.create({ name: "Again", readable_id: "default" }))).toMatchObject({
      statusCode: 400,
    });
    const invalid = await refusalOf(client.collections.create({ name: "Spaces", readable_id: "not a readable id" }));
    expect(invalid).toBeInstanceOf(AirweaveSDK.UnprocessableEntityError);
    expect(invalid).toMatchObject({ statusCode: 422, body: { detail: [{ loc: ["body", "readable_id"] }] } });
  });

  test("refreshAllSourceConnections starts a job for each connection and answers with the active ones again", async () => {
    const { readable_id } = await client.collections.create({ name: "Refreshed" });
    const connections = await Promise.all([1, 2].map(() => connectTimed(60, { readable_collection_id: readable_id })));
    const jobs = await client.collections.refreshAllSourceConnections(readable_id);
    expect(jobs.map((job) => job.source_connection_id).toSorted()).toEqual(connections.map(({ id }) => id).toSorted());
    const again = await client.collections.refreshAllSourceConnections(readable_id);
    expect(again.map(({ id }) => id).toSorted()).toEqual(jobs.map(({ id }) => id).toSorted());
    await client.collections.delete(readable_id);
  });

  test("search is not served: a clear 404", async () => {
    const refusals = await Promise.all([
      refusalOf(client.collections.search("default", { query: "anything" })),
      refusalOf(client.collections.searchGetLegacy("default", { query: "anything" })),
    ]);
    for (const refusal of refusals) {
      expect(refusal).toMatchObject({ statusCode: 404, body: { detail: expect.stringContaining("/docs") } });
    }
  });
});

describe("source connections", () => {
  test("create, get, list, update, delete", async () => {
    const created = await connectTimed(1, { description: "A test" });
    expect(created).toMatchObject({
      name: "Timed",
      description: "A test",
      short_name: "timed",
      readable_collection_id: "default",
      status: "active",
      auth: { method: "direct", authenticated: true },
      config: { entity_count: 10, duration_seconds: 1 },
      sync: null,
      federated_search: false,
    });
    expect(await client.sourceConnections.get(created.id)).toEqual(created);

    const renamed = await client.sourceConnections.update(created.id, { name: "Renamed" });
    expect(renamed).toMatchObject({ id: created.id, name: "Renamed", description: "A test" });
    const [newest] = await client.sourceConnections.list({ limit: 1 });
    expect(newest).toMatchObject({ id: created.id, name: "Renamed", auth_method: "direct", is_authenticated: true });

    expect(await client.sourceConnections.delete(created.id)).toMatchObject({ id: created.id, name: "Renamed" });
    expect(await refusalOf(client.sourceConnections.get(created.id))).toMatchObject({ statusCode: 404 });
    expect(await client.sourceConnections.list({ limit: 1000 })).not.toContainEqual(
      expect.objectContaining({ id: created.id }),
    );
  });

  test("list filters by collection and pages, newest first", async () => {
    const { readable_id } = await client.collections.create({ name: "Paged" });
    const within = { readable_collection_id: readable_id };
    const first = await connectTimed(1, within);
    const second = await connectTimed(1, within);
    const third = await connectTimed(1, within);
    const ids = async (page: object) =>
      (await client.sourceConnections.list({ collection: readable_id, ...page })).map(({ id }) => id);
    expect(await ids({})).toEqual([third.id, second.id, first.id]);
    expect(await ids({ limit: 2 })).toEqual([third.id, second.id]);
    expect(await ids({ skip: 2, limit: 2 })).toEqual([first.id]);
    expect(await refusalOf(client.sourceConnections.list({ limit: 0 }))).toMatchObject({ statusCode: 422 });
    await client.collections.delete(readable_id);
  });

  test("create starts the first job unless told otherwise", async () => {
    const created = await connectTimed(60, { sync_immediately: undefined });
    const [job] = await client.sourceConnections.getSourceConnectionJobs(created.id);
    expect(job).toMatchObject({ source_connection_id: created.id, trigger: "create" });
    expect(created.sync?.last_job?.id).toBe(job?.id);
    await client.sourceConnections.delete(created.id);
  });

  test("run, list jobs, cancel", async () => {
    const { id } = await connectTimed(60);
    const job = await client.sourceConnections.run(id, { force_full_sync: true });
    expect(job).toMatchObject({
      source_connection_id: id,
      status: "PENDING",
      started_at: null,
      completed_at: null,
      entities_inserted: 0,
      error: null,
    });
    expect(await client.sourceConnections.getSourceConnectionJobs(id, { limit: 5 })).toMatchObject([{ id: job.id }]);

    const second = await refusalOf(client.sourceConnections.run(id));
    expect(second.statusCode).toBe(409);
    expect(jobRefusalSchema.parse(second.body).job.id).toBe(job.id);

    const cancelled = await client.sourceConnections.cancelJob(id, job.id);
    expect(["CANCELLING", "CANCELLED"]).toContain(cancelled.status);
    await untilEnded(sluice, { id: job.id, source_connection_id: id });
    expect(await refusalOf(client.sourceConnections.cancelJob(id, job.id))).toMatchObject({ statusCode: 409 });
    expect(await refusalOf(client.sourceConnections.cancelJob(id, UNKNOWN_ID))).toMatchObject({ statusCode: 404 });
  });

  test("a run that completes shows its counts", async () => {
    const { id } = await connectTimed(0.1);
    const job = await client.sourceConnections.run(id);
    await untilEnded(sluice, { id: job.id, source_connection_id: id });
    const [done] = await client.sourceConnections.getSourceConnectionJobs(id);
    expect(done).toMatchObject({ status: "COMPLETED", entities_inserted: 11, entities_failed: 0, error: null });
    const { sync, entities } = await client.sourceConnections.get(id);
    expect(sync).toMatchObject({ total_runs: 1, successful_runs: 1, failed_runs: 0, last_job: { id: job.id } });
    expect(entities?.total_entities).toBe(11);
  });

  test("each error arrives as its users expect", async () => {
    expect(await refusalOf(client.sourceConnections.run(UNKNOWN_ID))).toMatchObject({
      statusCode: 404,
      body: { detail: "SourceConnection not found" },
    });
    expect(await refusalOf(client.sourceConnections.get("not-a-uuid"))).toBeInstanceOf(
      AirweaveSDK.UnprocessableEntityError,
    );
    const refusedBySource = client.sourceConnections.create({
      short_name: "exception_stub",
      readable_collection_id: "default",
      config: { fail_on_validate: true },
    });
    expect(await refusalOf(refusedBySource)).toMatchObject({ statusCode: 400 });
    expect(await refusalOf(connectTimed(1, { readable_collection_id: "nowhere" }))).toMatchObject({ statusCode: 404 });
    expect(await refusalOf(connectTimed(1, { authentication: { access_token: "later" } }))).toMatchObject({
      statusCode: 422,
      body: { detail: [{ msg: expect.stringContaining("direct credentials") }] },
    });
    const stranger = clientAt(sluice.address, "slc_not-a-key-of-this-server");
    expect(await refusalOf(stranger.sources.list())).toMatchObject({ statusCode: 403 });
    expect(await refusalOf(clientAt(sluice.address, "").sources.list())).toMatchObject({ statusCode: 401 });
  });
});

test("a run whose answer was lost to a 503 is tried again by the SDK and starts no second job", async () => {
  const { id } = await connectTimed(60);
  const proxy = await startProxy(sluice.address);
  proxy.loseNextAnswer();
  try {
    // The job that the first try started is active, so the second is refused, with that job.
    const refusal = await refusalOf(clientAt(proxy.address).sourceConnections.run(id));
    expect(refusal.statusCode).toBe(409);
    expect(proxy.statuses).toEqual([200, 409]);
    const jobs = await listJobs(sluice, id);
    expect(jobs).toHaveLength(1);
    expect(jobRefusalSchema.parse(refusal.body).job.id).toBe(jobs[0]?.id);
  } finally {
    await proxy.close();
  }
});

test("with an Idempotency-Key the retry answers with the job that the lost answer told of", async () => {
  const { id } = await connectTimed(60);
  const proxy = await startProxy(sluice.address);
  proxy.loseNextAnswer();
  try {
    const headers = { "Idempotency-Key": "once and only once" };
    const job = await clientAt(proxy.address).sourceConnections.run(id, {}, { headers });
    expect(proxy.statuses).toEqual([200, 200]);
    expect(await listJobs(sluice, id)).toMatchObject([{ id: job.id }]);
    expect(await readJob(sluice, id, job.id)).toMatchObject({ id: job.id });
  } finally {
    await proxy.close();
  }
});
