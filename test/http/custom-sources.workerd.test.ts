import { describe, expect, test } from "vitest";

import type { JsonObject } from "#core/json";
import { aManifest, aStreamOf } from "#test/support/a-manifest";
import { at, httpClient, textAt } from "#test/support/http-client";
import { newTenant } from "#test/support/tenant";

const MANIFEST = aManifest([aStreamOf("people"), aStreamOf("companies", { primary_key: null })]);

const YAML = `
version: 6.0.0
type: DeclarativeSource
description: Everything about our customers.
metadata:
  name: Customers
  labels: [CRM]
check: { type: CheckStream, stream_names: [people] }
streams:
  - type: DeclarativeStream
    name: people
    primary_key: [id]
    incremental_sync:
      type: DatetimeBasedCursor
      cursor_field: updated_at
      start_datetime: "2026-01-01T00:00:00Z"
      datetime_format: "%Y-%m-%dT%H:%M:%SZ"
    retriever: &retriever
      type: SimpleRetriever
      requester: { type: HttpRequester, url_base: "https://api.test", path: people }
      record_selector: { type: RecordSelector, extractor: { type: DpathExtractor, field_path: [data] } }
  - type: DeclarativeStream
    name: scripted
    retriever:
      type: CustomRetriever
      class_name: source_crm.components.ScriptedRetriever
`;

async function setUp() {
  const client = httpClient();
  const { key } = await newTenant(client);
  const call = (method: string, path: string, json?: unknown) => client.call(method, `/v1${path}`, { key, json });
  const register = (manifest: unknown = MANIFEST, rest: object = {}) =>
    call("POST", "/sources", { short_name: "our-crm", ...rest, manifest });
  return { ...client, client, key, call, register };
}

/** What a refusal says, by place. */
function told(body: unknown): Record<string, unknown> {
  const issues = at(body, "detail");
  if (!Array.isArray(issues)) throw new Error(`No issues: ${JSON.stringify(body)}`);
  return Object.fromEntries(issues.map((issue) => [[at(issue, "loc")].flat().join("."), at(issue, "msg")]));
}

describe("registering", () => {
  test("a manifest as YAML is shown with its fields, its streams and what of it can't run", async () => {
    const { register } = await setUp();
    const { status, body } = await register(YAML);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      short_name: "our-crm",
      name: "Customers",
      description: "Everything about our customers.",
      labels: ["CRM"],
      is_custom: true,
      version: 1,
      manifest: null,
      supports_continuous: true,
      output_entity_definitions: ["people"],
      streams: [
        { name: "people", primary_key: [["id"]], is_incremental: true, supported: true, findings: [] },
        {
          name: "scripted",
          supported: false,
          findings: [{ custom_class: "source_crm.components.ScriptedRetriever", path: ["streams", "1", "retriever"] }],
        },
      ],
      dynamic_streams: [],
      warnings: [],
    });
  });

  test("streams found at run time say whether they can be, and what is probably a mistake is shown", async () => {
    const { register, call } = await setUp();
    const manifest = aManifest([aStreamOf("people", { note: "for us", primaray_key: "id" })], {
      dynamic_streams: [
        {
          type: "DynamicDeclarativeStream",
          name: "tables",
          stream_template: aStreamOf("x"),
          components_resolver: { type: "CustomComponentsResolver", class_name: "source_crm.components.Tables" },
        },
      ],
    });
    const { status, body } = await register(manifest);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      dynamic_streams: [
        {
          name: "tables",
          supported: false,
          findings: [
            {
              path: ["dynamic_streams", "0", "components_resolver"],
              custom_class: "source_crm.components.Tables",
              message: expect.stringContaining("CustomComponentsResolver source_crm.components.Tables"),
            },
          ],
        },
      ],
      warnings: [
        { path: ["streams", "0", "note"], message: expect.stringContaining("it is ignored") },
        { path: ["streams", "0", "primaray_key"], message: expect.stringContaining("it is ignored") },
      ],
    });
    expect((await call("GET", "/sources/our-crm")).body).toEqual(body);
  });

  test("a manifest as JSON shows fields of config and credentials apart", async () => {
    const { register } = await setUp();
    const { body } = await register(MANIFEST, { name: "Our CRM", labels: ["Sales"] });
    expect(body).toMatchObject({ name: "Our CRM", labels: ["Sales"], supports_continuous: false });
    const names = (part: string) => [at(body, part, "fields")].flat().map((field) => at(field, "name"));
    expect(names("config_fields")).toEqual(["start_date", "url"]);
    expect(names("auth_fields")).toEqual(["api_key"]);
  });

  test("is refused where the name is taken, by an own source or one that comes with Sluice", async () => {
    const { register } = await setUp();
    expect((await register()).status).toBe(200);
    expect(await register()).toMatchObject({ status: 400, body: { detail: expect.stringContaining("'our-crm'") } });
    for (const shortName of ["couchdb", "stripe", "stub"]) {
      expect(await register(MANIFEST, { short_name: shortName })).toMatchObject({ status: 400 });
    }
  });

  test.each(["", "a", "Our-CRM", "our crm", "1crm", "ünï", `a${"b".repeat(63)}`, "a/b"])(
    "the short name %j is refused",
    async (shortName) => {
      const { register } = await setUp();
      const { status, body } = await register(MANIFEST, { short_name: shortName });
      expect(status).toBe(422);
      expect(Object.keys(told(body))).toEqual(["body.short_name"]);
    },
  );

  const people = aStreamOf("people");
  const broken = (retriever: JsonObject) => aManifest([{ ...people, retriever }]);
  test.each<{ what: string; manifest: unknown; issues: Record<string, unknown> }>([
    {
      what: "YAML that is none",
      manifest: "streams: [",
      issues: { "body.manifest": expect.stringMatching(/YAML|line/i) },
    },
    {
      what: "a text that is no manifest",
      manifest: "hello",
      issues: { "body.manifest": expect.stringContaining("object") },
    },
    { what: "no streams", manifest: { streams: [] }, issues: { "body.manifest.streams": expect.any(String) } },
    {
      what: "a retriever that is not known",
      manifest: broken({ type: "MagicRetriever" }),
      issues: { "body.manifest.streams.0.retriever": expect.stringContaining("MagicRetriever") },
    },
    {
      what: "a field that is missing deep inside",
      manifest: broken({
        type: "SimpleRetriever",
        requester: { type: "HttpRequester", path: "x", url_base: "https://api.test" },
        record_selector: { type: "RecordSelector", extractor: { type: "DpathExtractor" } },
      }),
      issues: { "body.manifest.streams.0.retriever.record_selector.extractor.field_path": expect.any(String) },
    },
    {
      what: "a reference that leads nowhere",
      manifest: aManifest([{ ...people, retriever: { $ref: "#/definitions/none" } }]),
      issues: { "body.manifest.streams.0.retriever.$ref": expect.stringContaining("#/definitions/none") },
    },
    {
      what: "two streams of one name",
      manifest: aManifest([people, people]),
      issues: { "body.manifest.streams.1.name": expect.stringContaining('"people"') },
    },
    {
      what: "a spec with a schema that can't be used",
      manifest: aManifest([people], { spec: { type: "Spec", connection_specification: "none" } }),
      issues: { "body.manifest.spec.connection_specification": expect.any(String) },
    },
    { what: "no manifest", manifest: undefined, issues: { "body.manifest": expect.any(String) } },
    { what: "a manifest that is a number", manifest: 5, issues: { "body.manifest": expect.any(String) } },
  ])("$what is refused with its place in the manifest", async ({ manifest, issues }) => {
    const { call } = await setUp();
    const { status, body } = await call("POST", "/sources", { short_name: "our-crm", manifest });
    expect(status).toBe(422);
    expect(told(body)).toEqual(issues);
    expect((await call("GET", "/sources/our-crm")).status).toBe(404);
  });

  test("a manifest of which nothing can run is refused, with the reasons", async () => {
    const { register } = await setUp();
    const custom = { type: "CustomRetriever", class_name: "a.B" };
    const { status, body } = await register(aManifest([{ ...people, retriever: custom }]));
    expect(status).toBe(422);
    expect(told(body)).toEqual({ "body.manifest.streams.0.retriever": expect.stringContaining("a.B") });
  });

  test("a manifest of nearly 2 MB with inline schemas is taken, one beyond it is refused", async () => {
    const { register, call } = await setUp();
    const large = manifestOf(2_000_000);
    expect((await register(large)).status).toBe(200);
    const shown = await call("GET", "/sources/our-crm?include=manifest");
    expect(textAt(shown.body, "manifest") === large).toBe(true);
    const refused = await register(manifestOf(2_000_001), { short_name: "larger" });
    expect(refused.status).toBe(422);
    expect(told(refused.body)).toEqual({ "body.manifest": expect.stringContaining("2000000") });
    expect(await register("x".repeat(4_500_000))).toMatchObject({ status: 413 });
  });

  test("a manifest that does not shrink is refused where it can't be kept", async () => {
    const { register } = await setUp();
    const noise = Array.from({ length: 30 }, () => crypto.getRandomValues(new Uint8Array(48_000)).toBase64()).join("");
    const { status, body } = await register(aManifest([people], { definitions: { noise } }));
    expect({ status, body: status === 200 ? null : told(body) }).toEqual({ status: 200, body: null });
    const kept = await register(aManifest([{ ...people, note: noise }]), { short_name: "noisy" });
    expect(kept.status).toBe(422);
    expect(told(kept.body)).toEqual({ "body.manifest": expect.stringContaining("too large to be kept") });
  });

  test("references that multiply a text are refused before it is made", async () => {
    const { register } = await setUp();
    const levels = Array.from({ length: 20 }, (_, level): [string, JsonObject] => [
      `t${level + 1}`,
      { a: { $ref: `#/definitions/t${level}` }, b: { $ref: `#/definitions/t${level}` } },
    ]);
    const definitions: JsonObject = { t0: { text: "x".repeat(100_000) }, ...Object.fromEntries(levels) };
    const bomb = { ...people, note: { $ref: "#/definitions/t12" } };
    expect((await register(aManifest([bomb], { definitions }))).status).toBe(422);
    const larger = { ...people, note: { $ref: "#/definitions/t20" } };
    expect((await register(aManifest([larger], { definitions }))).status).toBe(422);
  });
});

describe("showing", () => {
  test("the manifest as it was sent, where it is asked for", async () => {
    const { register, call } = await setUp();
    await register(YAML);
    expect(textAt((await call("GET", "/sources/our-crm?include=manifest")).body, "manifest")).toBe(YAML);
    expect(at((await call("GET", "/sources/our-crm")).body, "manifest")).toBeNull();
    expect((await call("GET", "/sources/our-crm?include=everything")).status).toBe(422);
    expect(at((await call("GET", "/sources/couchdb?include=manifest")).body, "is_custom")).toBe(false);
  });

  test("the list has the organization's own sources after those that come with Sluice", async () => {
    const { register, call } = await setUp();
    await register(YAML);
    const { body } = await call("GET", "/sources");
    const names = [body].flat().map((source) => at(source, "short_name"));
    expect(names.slice(0, 2)).toEqual(["couchdb", "github"]);
    expect(names).toContain("stripe");
    expect(names.at(-1)).toBe("our-crm");
    expect(at([body].flat().at(-1), "version")).toBe(1);
  });

  test("another organization sees nothing of it, and has the name to itself", async () => {
    const { register, client } = await setUp();
    await register();
    const { key } = await newTenant(client);
    const path = "/v1/sources/our-crm";
    for (const [method, json] of [["GET"], ["PUT", { manifest: MANIFEST }], ["DELETE"]] as const) {
      expect((await client.call(method, path, { key, json })).status).toBe(404);
    }
    const wanted = { short_name: "our-crm", config: { start_date: "2026-01-01" } };
    expect((await client.call("POST", "/v1/source-connections", { key, json: wanted })).status).toBe(404);
    const own = await client.call("POST", "/v1/sources", { key, json: { short_name: "our-crm", manifest: YAML } });
    expect(own.body).toMatchObject({ name: "Customers", version: 1 });
  });
});

describe("replacing", () => {
  test("is one version on, with the new streams", async () => {
    const { register, call } = await setUp();
    await register();
    const { body } = await call("PUT", "/sources/our-crm", { manifest: aManifest([aStreamOf("deals")]) });
    expect(body).toMatchObject({ version: 2, streams: [{ name: "deals" }] });
    expect((await call("GET", "/sources/our-crm")).body).toEqual(body);
  });

  test("with a broken manifest changes nothing", async () => {
    const { register, call } = await setUp();
    const before = await register();
    expect((await call("PUT", "/sources/our-crm", { manifest: { streams: [] } })).status).toBe(422);
    expect((await call("GET", "/sources/our-crm")).body).toEqual(before.body);
  });

  test("what is deleted and registered again is the new one, though it is version 1 again", async () => {
    const { register, call } = await setUp();
    await register();
    await call("DELETE", "/sources/our-crm");
    await register(aManifest([aStreamOf("deals")]));
    expect((await call("GET", "/sources/our-crm")).body).toMatchObject({ version: 1, streams: [{ name: "deals" }] });
  });

  test.each(["couchdb", "stripe"])("%s, which comes with Sluice, can be neither replaced nor deleted", async (name) => {
    const { call } = await setUp();
    const refusal = { status: 404, body: { detail: expect.stringContaining("comes with Sluice") } };
    expect(await call("PUT", `/sources/${name}`, { manifest: MANIFEST })).toMatchObject(refusal);
    expect(await call("DELETE", `/sources/${name}`)).toMatchObject(refusal);
  });
});

describe("connecting", () => {
  test("hands the object the manifest, and secrets apart from the config", async () => {
    const { register, call, connections } = await setUp();
    await register();
    expect((await call("POST", "/source-connections", connection())).status).toBe(200);
    expect(connections.calls.at(-1)?.request).toMatchObject({
      shortName: "our-crm",
      config: { start_date: "2026-01-01" },
      credentials: { api_key: "s3cret" },
      manifest: { shortName: "our-crm", version: 1, revision: expect.any(String), document: expect.any(String) },
    });
  });

  test.each([
    {
      what: "a missing secret",
      overrides: { authentication: { credentials: {} } },
      issues: { "body.authentication.credentials.api_key": "Field required" },
    },
    {
      what: "no credentials at all",
      overrides: { authentication: undefined },
      issues: { "body.authentication": expect.stringContaining("api_key") },
    },
    {
      what: "a secret in the config",
      overrides: { config: { start_date: "2026-01-01", api_key: "s3cret" } },
      issues: { "body.config.api_key": expect.stringContaining("authentication.credentials") },
    },
    {
      what: "a missing field of the config",
      overrides: { config: undefined },
      issues: { "body.config.start_date": "Field required" },
    },
    {
      what: "an unknown secret",
      overrides: { authentication: { credentials: { api_key: "s3cret", apikey: "s3cret" } } },
      issues: { "body.authentication.credentials.apikey": "Extra inputs are not permitted" },
    },
  ])("is refused by name: $what", async ({ overrides, issues }) => {
    const { register, call, connections } = await setUp();
    await register();
    const { status, body, text } = await call("POST", "/source-connections", connection(overrides));
    expect(status).toBe(422);
    expect(told(body)).toEqual(issues);
    expect(text).not.toContain("s3cret");
    expect(connections.calls.map(({ method }) => method)).not.toContain("create");
  });

  test("a source that is deleted while its connection is made takes the connection with it", async () => {
    const { register, call, connections } = await setUp();
    await register();
    connections.beforeCreate = async () => void (await call("DELETE", "/sources/our-crm"));
    const answer = await call("POST", "/source-connections", connection());
    expect(answer).toMatchObject({ status: 404, body: { detail: expect.stringContaining("deleted meanwhile") } });
    expect(connections.calls.at(-1)?.method).toBe("erase");
  });
});

test("deleting is refused while connections use the source, and allowed once they are gone", async () => {
  const { register, call } = await setUp();
  await register();
  const created = await call("POST", "/source-connections", connection());
  const id = textAt(created.body, "id");
  expect(await call("DELETE", "/sources/our-crm")).toMatchObject({
    status: 409,
    body: { detail: expect.stringContaining(id) },
  });
  await call("DELETE", `/source-connections/${id}`);
  expect(await call("DELETE", "/sources/our-crm")).toMatchObject({ status: 200, body: { short_name: "our-crm" } });
  expect((await call("GET", "/sources/our-crm")).status).toBe(404);
});

test("a stream is reset by its name, whatever is in it", async () => {
  const { register, call, connections } = await setUp();
  await register();
  const created = await call("POST", "/source-connections", connection());
  const id = textAt(created.body, "id");
  const path = `/source-connections/${id}/streams/${encodeURIComponent("odd name/ü")}/reset`;
  expect(await call("POST", path)).toMatchObject({ status: 200, body: { id } });
  expect(connections.calls.at(-1)).toMatchObject({ method: "resetStream", id, request: "odd name/ü" });
});

/** A manifest of so many bytes, nearly all of them a schema. */
function manifestOf(bytes: number): string {
  return padded("x".repeat(bytes - padded("").length));
}

function padded(padding: string): string {
  const loader = { type: "InlineSchemaLoader", schema: { description: padding } };
  return JSON.stringify(aManifest([{ ...aStreamOf("people"), schema_loader: loader }]));
}

function connection(overrides: object = {}) {
  return {
    short_name: "our-crm",
    config: { start_date: "2026-01-01" },
    authentication: { credentials: { api_key: "s3cret" } },
    sync_immediately: false,
    ...overrides,
  };
}

describe("checking", () => {
  test("a manifest tells what of it can run and why the rest can't, and registers nothing", async () => {
    const { call } = await setUp();
    const { status, body } = await call("POST", "/manifests/check", { manifest: YAML });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      can_be_used: true,
      issues: [],
      name: "Customers",
      description: "Everything about our customers.",
      labels: ["CRM"],
      streams: [
        { name: "people", primary_key: [["id"]], is_incremental: true, supported: true, findings: [] },
        {
          name: "scripted",
          supported: false,
          findings: [{ custom_class: "source_crm.components.ScriptedRetriever", path: ["streams", "1", "retriever"] }],
        },
      ],
      dynamic_streams: [],
    });
    expect((await call("GET", "/sources")).text).not.toContain('"is_custom":true');
  });

  test("a manifest shows the fields that it would ask for, and what is probably a mistake", async () => {
    const { call } = await setUp();
    const manifest = aManifest([aStreamOf("people", { primary_key: null, primry_key: "id" })]);
    const { body } = await call("POST", "/manifests/check", { manifest });
    expect(at(body, "warnings")).toEqual([
      { path: ["streams", "0", "primry_key"], message: expect.stringContaining("no field of that name") },
    ]);
    const names = (part: string) => [at(body, part, "fields")].flat().map((field) => at(field, "name"));
    expect(names("config_fields")).toEqual(["start_date", "url"]);
    expect(names("auth_fields")).toEqual(["api_key"]);
  });

  test.each([
    ["YAML that is none", "streams: [", []],
    ["no streams", "streams: []", ["streams"]],
    ["references that lead nowhere", "streams: [{$ref: '#/definitions/none'}]", ["streams", "0", "$ref"]],
  ])("%s is an answer with its place, not a refusal", async (_what, manifest, path) => {
    const { call } = await setUp();
    const { status, body } = await call("POST", "/manifests/check", { manifest });
    expect(status).toBe(200);
    expect(body).toMatchObject({ can_be_used: false, streams: [], issues: [{ path }] });
  });

  test("a manifest of which nothing runs can't be used, and its streams say why", async () => {
    const { call } = await setUp();
    const custom = { ...aStreamOf("people"), retriever: { type: "CustomRetriever", class_name: "a.B" } };
    const { body } = await call("POST", "/manifests/check", { manifest: aManifest([custom]) });
    expect(body).toMatchObject({ can_be_used: false, issues: [], streams: [{ findings: [{ custom_class: "a.B" }] }] });
  });

  test("what is no manifest at all is refused like any malformed request", async () => {
    const { call } = await setUp();
    expect(told((await call("POST", "/manifests/check", {})).body)).toEqual({ "body.manifest": expect.any(String) });
  });
});

describe("schemas", () => {
  test("are shown where they are asked for, with what forms need: titles, defaults, alternatives", async () => {
    const { call, register } = await setUp();
    await register();
    expect(at((await call("GET", "/sources/our-crm")).body, "schemas")).toBeNull();
    const { body } = await call("GET", "/sources/our-crm?include=schemas");
    expect(body).toMatchObject({
      schemas: { config: { properties: { url: { type: "string" } } }, credentials: { required: ["api_key"] } },
    });
    const couchdb = await call("GET", "/sources/couchdb?include=schemas");
    expect(couchdb.body).toMatchObject({
      schemas: {
        config: { properties: { page_size: { default: 1000 } } },
        credentials: { anyOf: [{ required: ["username", "password"] }, { required: ["token"] }, {}] },
      },
    });
  });
});
