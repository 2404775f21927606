import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";

import { sourceSchema, type SourceBody } from "#http/schemas/source";
import { validationRefusalSchema } from "#http/schemas/refusal";
import { aManifest, aStreamOf } from "#test/support/a-manifest";
import { CRM_KEY, CRM_MANIFEST, CrmApi } from "#test/support/crm-api";
import {
  connectionIn,
  countsOf,
  describeConnection,
  isFinal,
  listJobs,
  run,
  runToEnd,
  untilEnded,
} from "./connection.ts";
import { expectFeedToGiveTheCopy, expectSameCopy, exportCopy, follow, keyOf, type Copy } from "./copy.ts";
import { startSluice, type Answer, type Sluice } from "./sluice.ts";
import { until } from "./until.ts";

/*
 * A person writes a manifest for an API of theirs, and lives with it: over HTTP, against the Worker as it would be
 * deployed and an API on the loopback.
 */

const CONFIG_DATE = "2026-01-01";
const NOTES_OF_FIRST = "companies/companies-1/notes";

let sluice: Sluice;
let api: CrmApi;
/** Every text that an answer brought. */
const answers: string[] = [];

beforeAll(async () => {
  api = await CrmApi.start();
  sluice = await startSluice();
});
afterAll(async () => {
  await sluice?.close();
  await api?.close();
});

async function call(method: string, path: string, body?: unknown, key?: string): Promise<Answer> {
  const answer = await sluice.call(method, path, {
    ...(body === undefined ? {} : { body }),
    ...(key === undefined ? {} : { key }),
  });
  answers.push(answer.text);
  return answer;
}

function sourceIn(answer: Answer): SourceBody {
  expect(answer).toMatchObject({ status: 200 });
  return sourceSchema.parse(answer.body);
}

/** What a 422 says, by place. */
function told(answer: Answer): Record<string, string> {
  expect(answer).toMatchObject({ status: 422 });
  const { detail } = validationRefusalSchema.parse(answer.body);
  return Object.fromEntries(detail.map(({ loc, msg }) => [loc.join("."), msg]));
}

/** A source of its own for a test, with an API that holds some rows. */
async function register(shortName: string, manifest: unknown = CRM_MANIFEST): Promise<SourceBody> {
  return sourceIn(await call("POST", "/sources", { short_name: shortName, manifest }));
}

function fillApi(): void {
  api.tables.clear();
  api.asked.length = 0;
  api.before = () => undefined;
  api.fill("companies", 3).fill("people", 25);
  for (const company of [1, 2, 3]) api.fill(`companies/companies-${company}/notes`, company * 5);
}

function connectionTo(shortName: string, overrides: object = {}): object {
  return {
    short_name: shortName,
    sync_immediately: false,
    config: { url: api.url, start_date: CONFIG_DATE },
    authentication: { credentials: { api_key: CRM_KEY } },
    ...overrides,
  };
}

async function connectTo(shortName: string): Promise<string> {
  return connectionIn(await call("POST", "/source-connections", connectionTo(shortName))).id;
}

/** Everything that the API has of the streams that run. */
function upstreamCopy(streams: readonly string[] = ["companies", "people", "notes"]): Copy {
  const rows = [...api.tables].flatMap(([path, table]) => {
    const stream = path.endsWith("/notes") ? "notes" : path;
    return streams.includes(stream) ? table.map((row) => [keyOf(stream, row.id), row] as const) : [];
  });
  return new Map(rows);
}

describe("a source of one's own", () => {
  test("is shown with its fields, its streams, and what of it can't run", async () => {
    const source = await register("shown");
    expect(source).toMatchObject({
      name: "Customers",
      labels: ["CRM"],
      is_custom: true,
      version: 1,
      supports_continuous: true,
      output_entity_definitions: ["companies", "people", "notes"],
    });
    expect(source.config_fields.fields.map(({ name, required }) => ({ name, required }))).toEqual([
      { name: "url", required: true },
      { name: "start_date", required: true },
    ]);
    expect(source.auth_fields?.fields).toMatchObject([{ name: "api_key", title: "API key", is_secret: true }]);
    expect(
      source.streams?.map((stream) => [stream.name, stream.primary_key, stream.is_incremental, stream.supported]),
    ).toEqual([
      ["companies", [["id"]], false, true],
      ["people", [["id"]], true, true],
      ["notes", [["id"]], false, true],
      ["scripted", null, false, false],
    ]);
    expect(source.streams?.at(-1)?.findings).toMatchObject([
      { path: ["streams", "3", "retriever"], custom_class: "source_crm.components.ScriptedRetriever" },
    ]);
    expect(sourceIn(await call("GET", "/sources/shown"))).toEqual(source);
    expect(sourceIn(await call("GET", "/sources/shown?include=manifest")).manifest).toBe(CRM_MANIFEST);
    const listed = sourceSchema.array().parse((await call("GET", "/sources")).body);
    expect(listed.find(({ short_name }) => short_name === "shown")).toEqual(source);
  });

  test("may be JSON, and 2 MB long", async () => {
    const schema = { description: "é".repeat(900_000) };
    const loader = { type: "InlineSchemaLoader", schema };
    const manifest = JSON.stringify(aManifest([aStreamOf("people", { schema_loader: loader })]));
    expect((await register("large", manifest)).output_entity_definitions).toEqual(["people"]);
    expect(sourceIn(await call("GET", "/sources/large?include=manifest")).manifest === manifest).toBe(true);
    expect((await register("as-json", JSON.parse(manifest))).version).toBe(1);
    const larger = aManifest([aStreamOf("people", { note: "é".repeat(1_000_000) })]);
    expect(told(await call("POST", "/sources", { short_name: "larger", manifest: larger }))).toEqual({
      "body.manifest": expect.stringContaining("2000000"),
    });
    expect(await call("POST", "/sources", { short_name: "largest", manifest: "x".repeat(5_000_000) })).toMatchObject({
      status: 413,
    });
  });

  test("that is broken is refused with every place that is", async () => {
    const broken = aStreamOf("people", {
      retriever: { type: "SimpleRetriever", requester: { type: "HttpRequester", url_base: 5 }, record_selector: {} },
    });
    const issues = told(
      await call("POST", "/sources", {
        short_name: "broken",
        manifest: aManifest([broken, aStreamOf("x", { name: 7 })]),
      }),
    );
    expect(Object.keys(issues).length).toBeGreaterThan(1);
    for (const place of Object.keys(issues)) expect(place).toMatch(/^body\.manifest\.streams\.[01]\./);
    expect(told(await call("POST", "/sources", { short_name: "broken", manifest: "a: [1" }))).toEqual({
      "body.manifest": expect.stringMatching(/^Line 1, column/),
    });
    expect(await call("GET", "/sources/broken")).toMatchObject({ status: 404 });
  });

  test("is nobody else's", async () => {
    await register("private");
    const organization = await call("POST", "/organizations", { name: "Strangers" });
    const { id } = z.object({ id: z.string() }).parse(organization.body);
    const issued = await sluice.call("POST", "/api-keys", { body: { name: "theirs", organization_id: id } });
    const { key } = z.object({ key: z.string() }).parse(issued.body);
    expect(await call("GET", "/sources/private", undefined, key)).toMatchObject({ status: 404 });
    expect(await call("PUT", "/sources/private", { manifest: CRM_MANIFEST }, key)).toMatchObject({ status: 404 });
    expect(await call("DELETE", "/sources/private", undefined, key)).toMatchObject({ status: 404 });
    expect(await call("POST", "/source-connections", connectionTo("private"), key)).toMatchObject({ status: 404 });
    expect((await call("GET", "/sources", undefined, key)).text).not.toContain('"private"');
    expect(await call("POST", "/sources", { short_name: "private", manifest: CRM_MANIFEST }, key)).toMatchObject({
      status: 200,
    });
  });
});

describe("a connection to it", () => {
  test("needs what the spec asks for, secrets apart, and credentials that the API accepts", async () => {
    fillApi();
    await register("checked");
    const attempt = (overrides: object) => call("POST", "/source-connections", connectionTo("checked", overrides));
    expect(told(await attempt({ config: { url: api.url, start_date: "soon" } }))).toEqual({
      "body.config.start_date": "Input should match YYYY-MM-DD",
    });
    expect(told(await attempt({ config: undefined }))).toEqual({
      "body.config.url": "Field required",
      "body.config.start_date": "Field required",
    });
    expect(told(await attempt({ authentication: { credentials: {} } }))).toEqual({
      "body.authentication.credentials.api_key": "Field required",
    });
    expect(told(await attempt({ config: { url: api.url, start_date: CONFIG_DATE, api_key: CRM_KEY } }))).toEqual({
      "body.config.api_key": expect.stringContaining("authentication.credentials"),
    });
    expect(
      Object.keys(told(await attempt({ authentication: { credentials: { api_key: CRM_KEY, key: "x" } } }))),
    ).toEqual(["body.authentication.credentials.key"]);
    expect(api.asked).toEqual([]);
    const refused = await attempt({ authentication: { credentials: { api_key: "wrong_SECR3T_0123456789" } } });
    expect(refused).toMatchObject({ status: 400 });
    expect((await call("GET", "/source-connections")).text).not.toContain("checked");
  });

  test("syncs exactly, then only what changed; a stream comes and goes with the manifest, and is reset", async () => {
    fillApi();
    await register("living");
    const id = await connectTo("living");
    const first = await runToEnd(sluice, id);
    expect(first).toMatchObject({ status: "COMPLETED", sync_mode: "full", entities_inserted: 58, error: null });
    expectSameCopy(await exportCopy(sluice, id), upstreamCopy());
    await expectFeedToGiveTheCopy(sluice, id);

    api.asked.length = 0;
    const changed = { id: "people-3", updated_at: "2026-05-05T05:05:05Z", name: "Ada" };
    api.tables.set("people", [
      ...(api.tables.get("people") ?? []).filter(({ id: old }) => old !== changed.id),
      changed,
    ]);
    const second = await runToEnd(sluice, id);
    expect(second).toMatchObject({ status: "COMPLETED", sync_mode: "incremental", entities_updated: 1 });
    expect(api.asked.filter((asked) => asked.startsWith("people"))).toEqual([
      `people?since=${encodeURIComponent("2026-01-02T00:00:00Z")}`,
    ]);
    expectSameCopy(await exportCopy(sluice, id), upstreamCopy());

    // Another version: notes are gone, deals are new.
    const start = CRM_MANIFEST.indexOf("  - type: DeclarativeStream\n    name: notes");
    const end = CRM_MANIFEST.indexOf("  - type: DeclarativeStream\n    name: scripted");
    const deals = `  - type: DeclarativeStream
    name: deals
    primary_key: [id]
    retriever: { $ref: "#/definitions/retriever" }
    $parameters: { path: deals }
`;
    const manifest = CRM_MANIFEST.slice(0, start) + deals + CRM_MANIFEST.slice(end);
    api.fill("deals", 12);
    expect(sourceIn(await call("PUT", "/sources/living", { manifest }))).toMatchObject({
      version: 2,
      output_entity_definitions: ["companies", "people", "deals"],
    });
    expect(await runToEnd(sluice, id)).toMatchObject({
      status: "COMPLETED",
      entities_inserted: 12,
      entities_deleted: 0,
    });
    expectSameCopy(await exportCopy(sluice, id), upstreamCopy(["companies", "people", "notes", "deals"]));

    const seen: Copy = new Map();
    const { cursor } = await follow(sluice, id, null, seen);
    const reset = connectionIn(await call("POST", `/source-connections/${id}/streams/notes/reset`));
    expect(reset.entities?.by_type["notes"]?.count).toBe(30);
    const swept = await runToEnd(sluice, id);
    expect(countsOf(swept)).toMatchObject({ inserted: 0, updated: 0, deleted: 30 });
    expect(await follow(sluice, id, cursor, seen)).toMatchObject({ upserts: 0, deletes: 30 });
    expectSameCopy(seen, upstreamCopy(["companies", "people", "deals"]));
    expectSameCopy(await exportCopy(sluice, id), seen);
    expect((await describeConnection(sluice, id)).entities?.total_entities).toBe(40);
    const listed = z
      .array(z.object({ id: z.string(), entity_count: z.int() }))
      .parse((await call("GET", "/source-connections")).body);
    expect(listed.find((one) => one.id === id)?.entity_count).toBe(40);

    api.asked.length = 0;
    expect(await call("POST", `/source-connections/${id}/streams/people/reset`)).toMatchObject({ status: 200 });
    expect(await runToEnd(sluice, id)).toMatchObject({ status: "COMPLETED", sync_mode: "full" });
    expect(api.asked.find((asked) => asked.startsWith("people"))).toContain(
      encodeURIComponent(`${CONFIG_DATE}T00:00:00Z`),
    );
    expect(await call("POST", `/source-connections/${id}/streams/none/reset`)).toMatchObject({ status: 404 });
  });

  test("keeps its source from being deleted until it is gone itself", async () => {
    fillApi();
    await register("wanted");
    const id = await connectTo("wanted");
    expect(await call("DELETE", "/sources/wanted")).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining(id) },
    });
    expect(await call("DELETE", `/source-connections/${id}`)).toMatchObject({ status: 200 });
    expect(await call("DELETE", "/sources/wanted")).toMatchObject({ status: 200 });
    expect(await call("GET", "/sources/wanted")).toMatchObject({ status: 404 });
    expect((await register("wanted")).version).toBe(1);
  });

  test("refuses a reset while a job is active, with the job", async () => {
    fillApi();
    await register("busy");
    const id = await connectTo("busy");
    await runToEnd(sluice, id);
    const { promise, resolve } = Promise.withResolvers<void>();
    api.before = () => promise.then(() => undefined);
    const job = await run(sluice, id);
    const refused = await call("POST", `/source-connections/${id}/streams/people/reset`);
    expect(refused).toMatchObject({ status: 409, body: { job: { id: job.id } } });
    resolve();
    await untilEnded(sluice, job);
  });

  test("killed in the middle of a partition ends with the exact copy, and asks for no finished partition again", async () => {
    fillApi();
    await register("killed");
    const id = await connectTo("killed");
    for (const company of [1, 2, 3]) api.fill(`companies/companies-${company}/notes`, 95);
    const job = await run(sluice, id);
    for (const [path, page] of [
      [NOTES_OF_FIRST, 4],
      ["companies/companies-3/notes", 6],
    ] as const) {
      await until(`page ${page} of ${path} was asked for`, () =>
        api.asked.some((asked) => asked.startsWith(`${path}?`) && asked.includes(`page=${page}`)),
      );
      await sluice.kill();
      await sluice.start();
    }
    const ended = await untilEnded(sluice, job);
    expect(ended).toMatchObject({ status: "COMPLETED", error: null });
    expect(countsOf(ended)).toEqual({ inserted: 3 + 25 + 285, updated: 0, deleted: 0, kept: 0, failed: 0 });
    expectSameCopy(await exportCopy(sluice, id), upstreamCopy());
    await expectFeedToGiveTheCopy(sluice, id);
    expect((await listJobs(sluice, id)).filter((one) => !isFinal(one))).toEqual([]);
    const again = api.asked.filter((asked, index) => asked.includes("/notes") && api.asked.indexOf(asked) !== index);
    expect(again.length).toBeLessThanOrEqual(6);
  });
});

test("no secret is in an answer, in what the Worker prints, or in what it keeps", () => {
  expect(answers.filter((text) => text.includes("SECR3T"))).toEqual([]);
  expect(sluice.log.filter((line) => line.includes("SECR3T"))).toEqual([]);
  const files = readdirSync(sluice.stateDirectory, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  expect(files.length).toBeGreaterThan(0);
  for (const { parentPath, name } of files) {
    expect({ name, leaks: readFileSync(join(parentPath, name)).includes("SECR3T") }).toEqual({ name, leaks: false });
  }
});
