import { describe, expect, test } from "vitest";

import { at, httpClient } from "#test/support/http-client";

describe.each(["", "/v1"])("under %j", (prefix) => {
  test("health needs no key", async () => {
    const { call } = httpClient();
    expect((await call("GET", `${prefix}/health`, { key: null })).body).toEqual({ status: "healthy" });
    expect((await call("GET", `${prefix}/health/live`, { key: null })).body).toEqual({ status: "alive" });
    expect((await call("GET", `${prefix}/health/ready`, { key: null })).body).toMatchObject({
      status: "ready",
      checks: { d1: { status: "up", error: null } },
    });
  });

  test("the OpenAPI document describes every operation with its errors, its shapes all there", async () => {
    const { body, text } = await httpClient().call("GET", `${prefix}/openapi.json`, { key: null });
    expect(at(body, "openapi")).toBe("3.1.0");
    const run = at(body, "paths", "/v1/source-connections/{id}/run", "post");
    expect(run).toMatchObject({ operationId: "runSourceConnection", security: [{ bearer: [] }, { apiKey: [] }] });
    expect(Object.keys(Object(at(run, "responses")))).toEqual([
      "200",
      "401",
      "403",
      "404",
      "409",
      "414",
      "422",
      "429",
      "500",
      "503",
    ]);
    const defined = Object.keys(Object(at(body, "components", "schemas")));
    const used = [...text.matchAll(/#\/components\/schemas\/(\w+)/g)].map(([, name]) => name);
    expect(defined).toEqual(expect.arrayContaining(used));
    const ids = [...text.matchAll(/"operationId":"(\w+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("the page is self-contained: no script, nothing from elsewhere, and a policy that holds it to that", async () => {
    const { headers, text } = await httpClient().call("GET", `${prefix}/docs`, { key: null });
    expect(headers.get("content-type")).toContain("text/html");
    const nonce = /<style nonce="([^"]+)">/.exec(text)?.[1];
    expect(headers.get("content-security-policy")).toContain(`default-src 'none'; style-src 'nonce-${nonce}'`);
    expect(text).not.toMatch(/<script|<link|<img|@import|url\(|src=|https?:\/\/(?!(?:couch|hooks)\.example\.com)/);
    expect(text).toContain("/v1/source-connections/{id}/run");
    expect(text).toContain("prefers-color-scheme: dark");
    expect(text).not.toContain("[object");
  });
});

describe("sources", () => {
  test("have exactly the documented keys, and after them those that only Sluice has", async () => {
    const answer = await httpClient().call("GET", "/v1/sources/stub");
    expect(Object.keys(Object(answer.body))).toEqual([
      "name",
      "description",
      "auth_methods",
      "oauth_type",
      "requires_byoc",
      "auth_config_class",
      "config_class",
      "short_name",
      "class_name",
      "output_entity_definitions",
      "labels",
      "supports_continuous",
      "federated_search",
      "supports_temporal_relevance",
      "supports_access_control",
      "rate_limit_level",
      "feature_flag",
      "supports_browse_tree",
      "auth_fields",
      "config_fields",
      "supported_auth_providers",
      "streams",
      "dynamic_streams",
      "warnings",
      "is_custom",
      "version",
      "manifest",
      "schemas",
    ]);
    expect(answer.body).toMatchObject({ short_name: "stub", class_name: "StubSource", auth_methods: ["direct"] });
    expect(at(answer.body, "auth_fields", "fields", 0)).toMatchObject({ name: "stub_key", is_secret: true });
  });

  test("are all listed, each with fields that a form can show", async () => {
    const { body } = await httpClient().call("GET", "/v1/sources");
    expect(body).toEqual(expect.arrayContaining([expect.objectContaining({ short_name: "couchdb" })]));
    if (!Array.isArray(body)) throw new Error("The list is no array.");
    for (const source of body) expect(at(source, "config_fields", "fields")).toBeInstanceOf(Array);
  });

  test("that do not exist are 404", async () => {
    const answer = await httpClient().call("GET", "/v1/sources/nothing");
    expect([answer.status, answer.body]).toEqual([404, { detail: "Source not found: nothing" }]);
  });
});
