import { describe, expect, test } from "vitest";

import { placedIssues } from "#dashboard/source-issues";
import { formFields, type FormField } from "#dashboard/source-form";
import { readFields, shownFields, typedFrom } from "#dashboard/source-values";
import { jsonSchemaOf } from "#http/field-list";
import { parseSpec } from "#sources/manifest/spec/spec";
import { findSource, listSources } from "#sources/registry";

/** As Airbyte's connectors have them: nested, with alternatives, of which each has secrets. */
const SPEC = parseSpec({
  connection_specification: {
    type: "object",
    required: ["host", "credentials", "mode"],
    properties: {
      host: { type: "string", title: "Host", examples: ["acme.example"], order: 0 },
      mode: { type: "string", enum: ["fast", "slow"], default: "slow", order: 1 },
      pages: { type: ["integer", "null"], minimum: 1, default: 50, order: 2 },
      deep: { type: "boolean", default: true, order: 3 },
      ids: { type: "array", items: { type: "integer" }, order: 4 },
      window: { type: "object", properties: { days: { type: "number" }, strict: { type: "boolean" } }, order: 5 },
      extra: { type: "object", additionalProperties: true, order: 6 },
      credentials: {
        type: "object",
        order: 7,
        oneOf: [
          {
            title: "OAuth",
            required: ["auth_type", "client_id", "client_secret"],
            properties: {
              auth_type: { type: "string", const: "oauth" },
              client_id: { type: "string" },
              client_secret: { type: "string", airbyte_secret: true },
            },
          },
          {
            title: "Key",
            required: ["auth_type", "key", "region"],
            properties: {
              auth_type: { type: "string", const: "key" },
              key: { type: "string", airbyte_secret: true },
              region: { type: "string" },
            },
          },
        ],
      },
    },
  },
});
const CONFIG = formFields(jsonSchemaOf(SPEC.config), "config");
const CREDENTIALS = formFields(jsonSchemaOf(SPEC.credentials), "credentials");

const typed = (entries: Readonly<Record<string, string>>) => new Map(Object.entries(entries));
const kinds = (fields: readonly FormField[]) =>
  Object.fromEntries(fields.map((each) => [each.name, each.control.kind]));

const at = (...loc: (string | number)[]) => ({ loc: ["body", ...loc], msg: "wrong here" });

describe("a schema", () => {
  test("has a control for each kind of field, with defaults, examples and what is needed", () => {
    expect(kinds(CONFIG)).toEqual({
      "config.host": "text",
      "config.mode": "choice",
      "config.pages": "number",
      "config.deep": "flag",
      "config.ids": "lines",
      "config.window": "group",
      "config.extra": "json",
      "config.credentials": "alternatives",
    });
    const [host, mode, pages] = CONFIG;
    expect(host).toMatchObject({ label: "Host", isRequired: true, example: "acme.example", fallback: undefined });
    expect(mode).toMatchObject({ label: "Mode", fallback: "slow", control: { values: ["fast", "slow"] } });
    expect(pages).toMatchObject({ isRequired: false, fallback: 50, control: { isWhole: true, min: 1, max: null } });
  });

  test("of credentials has secret controls, but for names that people want to see", () => {
    const couchdb = findSource("couchdb", { internal: false });
    const [field] = formFields(jsonSchemaOf(couchdb?.credentials ?? SPEC.credentials), "credentials");
    expect(field?.control.kind === "alternatives" && field.control.branches).toMatchObject([
      { title: "User name and password", fields: [{ control: { isSecret: false } }, { control: { isSecret: true } }] },
      { title: "Token", fields: [{ control: { isSecret: true } }] },
      { title: "No credentials", fields: [{ control: { kind: "constant", value: true } }] },
    ]);
  });

  test.each(listSources({ internal: true }).map((source) => [source.shortName, source] as const))(
    "of %s can be filled in by a form: nothing of it is asked for as JSON",
    (_name, source) => {
      for (const part of ["config", "credentials"] as const) {
        const fields = formFields(jsonSchemaOf(source[part]), part);
        expect(shownFields(fields, new Map()).filter(({ control }) => control.kind === "json")).toEqual([]);
      }
    },
  );
});

describe("what is typed", () => {
  test("becomes values of their types; what is empty or the default is left out", () => {
    const { value, problems } = readFields(
      CONFIG,
      typed({
        "config.host": " acme.example ",
        "config.mode": "0",
        "config.pages": "",
        "config.deep": "false",
        "config.ids": "1\r\n\n 2\n",
        "config.window.days": "",
        "config.window.strict": "false",
        "config.extra": '{"a": [1]}',
        "config.credentials#": "1",
        "config.credentials#0.client_id": "left over",
        "config.credentials#1.region": "eu",
      }),
    );
    expect(problems).toEqual([]);
    expect(value).toEqual({
      host: "acme.example",
      mode: "fast",
      deep: false,
      ids: [1, 2],
      extra: { a: [1] },
      credentials: { auth_type: "key", region: "eu" },
    });
    expect(SPEC.config.safeParse(value).success).toBe(true);
  });

  test("is refused with its place where it can't be understood at all", () => {
    const { problems } = readFields(
      CONFIG,
      typed({ "config.pages": "many", "config.ids": "1\nx", "config.extra": "{" }),
    );
    expect(problems.map(({ place }) => place.join("."))).toEqual(["pages", "ids", "extra"]);
  });

  test("keeps the spaces of a secret", () => {
    expect(readFields(CREDENTIALS, typed({ "credentials.credentials.key": " a b " })).value).toEqual({
      credentials: { key: " a b " },
    });
  });
});

test("a config that a connection has is typed into the form, and read again the same", () => {
  const config = {
    host: "acme.example",
    mode: "fast",
    pages: 7,
    deep: false,
    ids: [3],
    window: { days: 2 },
    extra: { b: null },
    credentials: { auth_type: "key", region: "eu" },
  };
  expect(readFields(CONFIG, typedFrom(CONFIG, config)).value).toEqual(config);
});

test("an issue is told beside its field, of the alternative that was chosen; what has no field is told apart", () => {
  const chosen = typed({ "config.credentials#": "1" });
  const { wrong, rest } = placedIssues(
    [
      at("config", "host"),
      at("config", "ids", 1),
      at("config", "credentials", "region"),
      at("authentication", "credentials", "credentials", "key"),
      at("schedule", "cron"),
      at("config", "unknown"),
    ],
    { config: CONFIG, credentials: CREDENTIALS },
    chosen,
  );
  expect([...wrong.keys()]).toEqual([
    "config.host",
    "config.ids",
    "config.credentials#1.region",
    "credentials.credentials.key",
    "cron",
  ]);
  expect(wrong.get("config.host")).toBe("Wrong here.");
  expect(rest).toEqual(["config.unknown: wrong here."]);
});
