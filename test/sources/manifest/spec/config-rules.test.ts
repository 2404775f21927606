import { describe, expect, test } from "vitest";

import type { Json, JsonObject } from "#core/json";
import { compileManifest } from "#sources/manifest/compile";
import { ManifestError } from "#sources/manifest/document/manifest-error";
import { SourceFailure } from "#sources/source";
import { manifestScope } from "#test/support/manifest-scope";
import { testHttp } from "#test/support/test-http";

const STREAM = {
  name: "things",
  retriever: {
    type: "SimpleRetriever",
    requester: { type: "HttpRequester", url_base: "https://api.example.com", path: "things" },
    record_selector: { extractor: { field_path: [] } },
  },
};

/** Of a whole manifest: there, types that are left out are filled in. */
function specOf(rules: JsonObject, schema: JsonObject = {}) {
  const spec = { type: "Spec", connection_specification: schema, config_normalization_rules: rules };
  return compileManifest({ streams: [STREAM], spec }).spec;
}

function rulesOf(rules: JsonObject, schema: JsonObject = {}) {
  return specOf(rules, schema).rules(manifestScope({}));
}

function validated(validations: Json[], config: JsonObject, schema: JsonObject = {}) {
  try {
    rulesOf({ validations }, schema).validate(config);
    return null;
  } catch (error) {
    if (error instanceof SourceFailure) return error.failure;
    throw error;
  }
}

const adheres = (base_schema: Json) => ({ type: "ValidateAdheresToSchema", base_schema });
const add = (field: string, value: string) => ({ type: "ConfigAddFields", fields: [{ path: [field], value }] });

const transformed = (transformations: Json[], config: JsonObject) =>
  rulesOf({ type: "ConfigNormalizationRules", transformations }).transform(config);

describe("transformations", () => {
  test.each<{ what: string; rule: JsonObject; config: JsonObject; becomes: JsonObject }>([
    {
      what: "a field that is made of others",
      rule: {
        type: "ConfigAddFields",
        fields: [{ path: ["urls", "api"], value: "https://{{ config['domain'] }}/v1" }],
      },
      config: { domain: "a.example" },
      becomes: { domain: "a.example", urls: { api: "https://a.example/v1" } },
    },
    {
      what: "a field that is added on a condition",
      rule: {
        type: "ConfigAddFields",
        condition: "{{ config['legacy'] is defined }}",
        fields: [{ path: ["mode"], value: "old" }],
      },
      config: {},
      becomes: {},
    },
    {
      what: "a field that gets another value by a map",
      rule: { type: "ConfigRemapField", field_path: ["auth", "type"], map: { OAuth: "oauth2", Key: "{{ 'k' }}" } },
      config: { auth: { type: "OAuth" } },
      becomes: { auth: { type: "oauth2" } },
    },
    {
      what: "a value that the map does not know",
      rule: { type: "ConfigRemapField", field_path: ["type"], map: { a: "b" } },
      config: { type: "constructor" },
      becomes: { type: "constructor" },
    },
    {
      what: "fields that are removed",
      rule: { type: "ConfigRemoveFields", field_pointers: [["old"], ["nested", "old"], ["none"]] },
      config: { old: 1, nested: { old: 2, kept: 3 } },
      becomes: { nested: { kept: 3 } },
    },
  ])("$what", ({ rule, config, becomes }) => {
    const given = structuredClone(config);
    expect(transformed([rule], given)).toEqual(becomes);
    expect(given, "what was given stays as it was").toEqual(config);
  });

  test("migrations come before transformations, each in its order", () => {
    const rules = rulesOf({
      transformations: [add("c", "{{ config.b }}3")],
      config_migrations: [{ transformations: [add("a", "1")] }, { transformations: [add("b", "{{ config.a }}2")] }],
    });
    expect(rules.transform({})).toEqual({ a: 1, b: 12, c: 123 });
  });

  test("a config can't reach the prototype of anything", () => {
    const rule = { type: "ConfigAddFields", fields: [{ path: ["__proto__", "polluted"], value: "yes" }] };
    transformed([rule], {});
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });
});

describe("validations", () => {
  test("every value at a path has to adhere to a schema; where there is none, nothing is refused", () => {
    const rule = {
      type: "DpathValidator",
      field_path: ["accounts", "*", "id"],
      validation_strategy: adheres({ type: "string", minLength: 2 }),
    };
    expect(validated([rule], { accounts: [{ id: "ab" }] })).toBeNull();
    expect(validated([rule], {})).toBeNull();
    expect(validated([rule], { accounts: [{ id: "ab" }, { id: 1 }] })).toMatchObject({
      kind: "bad_request",
      final: true,
      message: "The config is not valid. accounts.*.id: Input should be of type string",
    });
  });

  test("a value made of the config has to adhere to a schema, which may be the text of one", () => {
    const rule = {
      type: "PredicateValidator",
      value: "{{ config['extra'] }}",
      validation_strategy: adheres('{"type": "object", "required": ["a"]}'),
    };
    expect(validated([rule], { extra: '{"a": 1}' })).toBeNull();
    expect(validated([rule], { extra: '{"b": 1}' })?.message).toBe("The config is not valid. a: Field required");
  });

  test("what the schema of the spec refuses is told too", () => {
    const failure = validated([], { n: "x" }, { properties: { n: { type: "integer" } } });
    expect(failure?.message).toBe("The config is not valid. n: Input should be of type integer");
  });

  test("no message shows a secret", () => {
    const scope = manifestScope({}, { http: testHttp({ secrets: ["s3cret-value"] }) });
    const rule = {
      type: "PredicateValidator",
      value: "{{ config.key }}",
      validation_strategy: adheres({ enum: ["s3cret-value"] }),
    };
    const spec = specOf({ validations: [rule] });
    expect(() => spec.rules(scope).validate({ key: "other" })).toThrow(/^(?!.*s3cret-value)/);
  });

  test("a schema that is none is told when the manifest is read", () => {
    expect(() =>
      rulesOf({
        validations: [{ type: "PredicateValidator", value: "x", validation_strategy: adheres("not json") }],
      }),
    ).toThrow(ManifestError);
  });
});
