import { describe, expect, test } from "vitest";

import type { JsonObject } from "#core/json";
import { fieldsOf } from "#http/field-list";
import { invalid, issuesOf } from "#http/issues";
import { ManifestError } from "#sources/manifest/document/manifest-error";
import { parseSpec, type Spec } from "#sources/manifest/spec/spec";

const SPEC = {
  documentation_url: "https://docs.example.com",
  connection_specification: {
    $schema: "http://json-schema.org/draft-07/schema#",
    type: "object",
    required: ["start_date", "api_key", "credentials"],
    additionalProperties: true,
    properties: {
      api_key: { type: "string", title: "API key", airbyte_secret: true, order: 1 },
      page_size: { type: "integer", minimum: 1, maximum: 100, default: 50, order: 2 },
      start_date: {
        type: "string",
        description: "Nothing older is read.",
        pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
        pattern_descriptor: "YYYY-MM-DD",
        format: "date-time",
        order: 0,
      },
      region: { type: "string", enum: ["eu", "us"] },
      credentials: {
        type: "object",
        oneOf: [
          {
            title: "OAuth",
            required: ["auth_type", "client_id", "client_secret"],
            properties: {
              auth_type: { type: "string", const: "oauth", order: 0 },
              client_id: { type: "string" },
              client_secret: { type: "string", airbyte_secret: true },
            },
          },
          {
            title: "Token",
            required: ["auth_type", "token"],
            properties: {
              auth_type: { type: "string", const: "token", order: 0 },
              token: { type: "string", airbyte_secret: true },
            },
          },
        ],
      },
    },
  },
};

const spec = parseSpec(SPEC);
const WHOLE = { start_date: "2026-01-01", credentials: { auth_type: "token" } };

/** What a caller is told, by place. */
function told(part: "config" | "credentials", input: JsonObject, of: Spec = spec): Record<string, string> {
  const parsed = of[part].safeParse(input);
  if (parsed.success) return {};
  const { refusal } = invalid(issuesOf(parsed.error, []));
  const issues = "issues" in refusal ? refusal.issues : [];
  return Object.fromEntries(issues.map(({ loc, msg, type }) => [loc.join("."), `${msg} (${type})`]));
}

/** The fields as the catalogue lists them. */
function shown(part: "config" | "credentials"): string[] {
  return fieldsOf(spec[part], { secret: part === "credentials" }).map(
    ({ name, type, required, enum_values, is_secret }) =>
      [name, type, required ? "required" : "optional", ...(enum_values ?? []), ...(is_secret ? ["secret"] : [])].join(
        " ",
      ),
  );
}

describe("config", () => {
  test("is completed with defaults, and keeps what the schema does not name", () => {
    expect(spec.config.parse({ ...WHOLE, other: 1 })).toEqual({ ...WHOLE, other: 1, page_size: 50 });
  });

  test("a secret in it is refused by name, at any depth, so that it is never stored", () => {
    expect(told("config", { ...WHOLE, api_key: "k", credentials: { auth_type: "token", token: "t" } })).toEqual({
      api_key: "This is secret: send it in authentication.credentials, and not in config (value_error)",
      "credentials.token": "This is secret: send it in authentication.credentials, and not in config (value_error)",
    });
  });

  test.each<{ what: string; input: JsonObject; issues: Record<string, string> }>([
    {
      what: "a missing field",
      input: { credentials: { auth_type: "token" } },
      issues: { start_date: "Field required (missing)" },
    },
    {
      what: "a wrong type",
      input: { ...WHOLE, page_size: "many" },
      issues: { page_size: "Input should be of type integer (value_error)" },
    },
    {
      what: "a number out of bounds",
      input: { ...WHOLE, page_size: 101 },
      issues: { page_size: "101 is greater than 100 (value_error)" },
    },
    {
      what: "a value that is not listed",
      input: { ...WHOLE, region: "mars" },
      issues: { region: 'Input should be "eu" or "us" (value_error)' },
    },
    {
      what: "a text that does not match its pattern",
      input: { ...WHOLE, start_date: "yesterday" },
      issues: { start_date: "Input should match YYYY-MM-DD (value_error)" },
    },
    {
      what: "what the chosen alternative lacks, and not what the others do",
      input: { ...WHOLE, credentials: { auth_type: "oauth" } },
      issues: { "credentials.client_id": "Field required (missing)" },
    },
    {
      what: "an alternative that does not exist",
      input: { ...WHOLE, credentials: { auth_type: "magic" } },
      issues: { "credentials.auth_type": 'Input should be "oauth" or "token" (value_error)' },
    },
    {
      what: "no alternative chosen",
      input: { ...WHOLE, credentials: {} },
      issues: { "credentials.auth_type": 'Field required: input should be "oauth" or "token" (missing)' },
    },
    {
      what: "everything missing",
      input: {},
      issues: {
        start_date: "Field required (missing)",
        credentials: "Field required (missing)",
      },
    },
  ])("$what is told with its place", ({ input, issues }) => {
    expect(told("config", input)).toEqual(issues);
  });

  test("formats are not checked, as the Python CDK does not", () => {
    expect(told("config", WHOLE)).toEqual({});
  });

  test("a pattern that would take for ever, or that is none, refuses nothing", () => {
    const evil = parseSpec({
      connection_specification: { properties: { a: { pattern: "^(a+)+$" }, b: { pattern: "(" } } },
    });
    expect(told("config", { a: `${"a".repeat(40)}!`, b: "x" }, evil)).toEqual({});
  });

  test("fields may have names that are keywords of schemas", () => {
    const odd = parseSpec({
      connection_specification: {
        required: ["default"],
        properties: { default: { type: "string" }, pattern: { type: "string" }, format: { type: "integer" } },
      },
    });
    expect(told("config", { pattern: 1, format: "x" }, odd)).toEqual({
      default: "Field required (missing)",
      pattern: "Input should be of type string (value_error)",
      format: "Input should be of type integer (value_error)",
    });
  });
});

describe("credentials", () => {
  test("what is missing is told by name", () => {
    expect(told("credentials", {})).toEqual({ api_key: "Field required (missing)" });
  });

  test("what is no secret is refused: a misspelt field, and one that belongs into the config", () => {
    const issues = told("credentials", {
      api_key: "k",
      apikey: "k",
      start_date: "2026-01-01",
      credentials: { token: "t", auth_type: "token", client_secrte: "x" },
    });
    const elsewhere = "This is not secret: send it in config, and not in credentials (value_error)";
    expect(issues).toEqual({
      apikey: "Extra inputs are not permitted (extra_forbidden)",
      start_date: elsewhere,
      "credentials.auth_type": elsewhere,
      "credentials.client_secrte": "Extra inputs are not permitted (extra_forbidden)",
    });
  });

  test("which of them there have to be is told with the config that says so", () => {
    expect(spec.settingsFaults(spec.config.parse(WHOLE), { api_key: "k" })).toEqual([
      { place: "credentials", path: ["credentials", "token"], isMissing: true, message: "Field required" },
    ]);
    expect(spec.settingsFaults(spec.config.parse(WHOLE), { api_key: "k", credentials: { token: "t" } })).toEqual([]);
  });
});

test("fields are listed in their order, objects followed by what is in them", () => {
  expect(shown("config")).toEqual([
    "start_date string required",
    "page_size integer optional",
    "region string optional eu us",
    "credentials object required",
    "credentials.auth_type string required oauth token",
    "credentials.client_id string optional",
  ]);
  expect(shown("credentials")).toEqual([
    "api_key string required secret",
    "credentials object optional",
    "credentials.client_secret string optional secret",
    "credentials.token string optional secret",
  ]);
});

test.each([
  { what: "a schema that refers to nothing", part: { connection_specification: { $ref: "#/nowhere" } } },
  { what: "a schema that is no object", part: { connection_specification: [] } },
])("$what makes the manifest invalid", ({ part }) => {
  expect(() => parseSpec(part)).toThrow(ManifestError);
});

test("a manifest without a spec needs nothing", () => {
  const none = parseSpec(null);
  expect(none.config.parse({ a: 1 })).toEqual({ a: 1 });
  expect(none.credentials.parse({})).toEqual({});
  expect(fieldsOf(none.config, { secret: false })).toEqual([]);
});
