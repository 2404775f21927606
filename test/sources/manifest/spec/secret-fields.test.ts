import * as fc from "fast-check";
import { expect, test } from "vitest";

import type { JsonObject } from "#core/json";
import {
  isSecret,
  mergeSecrets,
  onlySecrets,
  secretFieldsIn,
  splitSecrets,
  stringsIn,
  withoutSecrets,
} from "#sources/manifest/spec/secret-fields";

const secretText = { type: "string", airbyte_secret: true };
const text = { type: "string" };

/** As published manifests have it: a choice of ways to sign in, told apart by a constant. */
const CHOICE: JsonObject = {
  type: "object",
  required: ["credentials", "start_date"],
  properties: {
    start_date: text,
    credentials: {
      type: "object",
      oneOf: [
        {
          title: "OAuth",
          required: ["auth_type", "client_id", "client_secret"],
          properties: { auth_type: { const: "oauth" }, client_id: text, client_secret: secretText },
        },
        {
          title: "Token",
          required: ["auth_type", "token"],
          properties: { auth_type: { const: "token" }, token: secretText },
        },
      ],
    },
  },
};

test("secrets are found in objects of objects and in all alternatives", () => {
  expect(secretFieldsIn(CHOICE)).toEqual(
    new Map([
      [
        "credentials",
        new Map([
          ["client_secret", true],
          ["token", true],
        ]),
      ],
    ]),
  );
});

test.each<{ where: string; property: JsonObject }>([
  { where: "a list's items", property: { type: "array", items: { properties: { token: secretText } } } },
  { where: "texts of a list", property: { type: "array", items: secretText } },
  { where: "fields of any name", property: { type: "object", additionalProperties: secretText } },
  { where: "an alternative that is a text", property: { oneOf: [secretText, { type: "null" }] } },
  { where: "a condition", property: { type: "object", if: {}, else: { properties: { token: secretText } } } },
])("a field with a secret in $where is secret as a whole, since it can't be taken apart", ({ property }) => {
  expect(secretFieldsIn({ properties: { field: property } })).toEqual(new Map([["field", true]]));
});

test("alternatives of alternatives add up, however deep", () => {
  const [a, b] = ["a", "b"].map((name) => ({ properties: { nested: { properties: { [name]: secretText } } } }));
  const schema = { properties: { auth: { oneOf: [a ?? null, b ?? null] } } };
  const nested = new Map([
    ["a", true],
    ["b", true],
  ]);
  expect(secretFieldsIn(schema)).toEqual(new Map([["auth", new Map([["nested", nested]])]]));
});

test("what is taken apart has no secret on the side that is shown", () => {
  const secrets = secretFieldsIn(CHOICE);
  const input = { start_date: "2026-01-01", credentials: { auth_type: "oauth", client_id: "id", client_secret: "s3" } };
  expect(splitSecrets(input, secrets)).toEqual({
    config: { start_date: "2026-01-01", credentials: { auth_type: "oauth", client_id: "id" } },
    credentials: { credentials: { client_secret: "s3" } },
  });
});

test("what is taken apart can be put together again", () => {
  const secrets = secretFieldsIn(CHOICE);
  const name = fc.constantFrom("start_date", "credentials", "client_secret", "token", "__proto__", "other");
  const flat = fc.dictionary(name, fc.string());
  fc.assert(
    fc.property(fc.dictionary(name, fc.oneof(fc.string(), flat)), (input) => {
      const { config, credentials } = splitSecrets(input, secrets);
      expect(mergeSecrets(config, credentials)).toEqual(input);
    }),
  );
});

test("the schema of what is shown neither has secrets nor requires them", () => {
  expect(withoutSecrets(CHOICE, secretFieldsIn(CHOICE))).toMatchObject({
    required: ["credentials", "start_date"],
    properties: {
      credentials: {
        oneOf: [
          { required: ["auth_type", "client_id"], properties: { auth_type: {}, client_id: text } },
          { required: ["auth_type"], properties: { auth_type: {} } },
        ],
      },
    },
  });
});

test("an object of which everything is secret is not asked for among what is shown", () => {
  const schema = {
    required: ["auth"],
    properties: { auth: { type: "object", required: ["token"], properties: { token: secretText } } },
  };
  const secrets = secretFieldsIn(schema);
  expect(withoutSecrets(schema, secrets)).toEqual({ required: [], properties: {} });
  expect(onlySecrets(schema, secrets)).toMatchObject({ required: ["auth"] });
});

test("the schema of what is secret has every alternative's secrets, and requires none of them by itself", () => {
  expect(onlySecrets(CHOICE, secretFieldsIn(CHOICE))).toEqual({
    type: "object",
    required: [],
    properties: {
      credentials: {
        type: "object",
        required: [],
        properties: { client_secret: secretText, token: secretText },
      },
    },
  });
});

test("a place is secret if its field is, or an object around it", () => {
  const secrets = secretFieldsIn({ properties: { a: { airbyte_secret: true }, b: { properties: { c: secretText } } } });
  expect([["a"], ["a", "x"], ["b", "c"]].map((path) => isSecret(path, secrets))).toEqual([true, true, true]);
  expect([["b"], ["b", "d"], ["c"], []].map((path) => isSecret(path, secrets))).toEqual([false, false, false, false]);
});

test("texts are found at any depth", () => {
  expect(stringsIn({ a: "1", b: [{ c: "2" }, "3", 4, null] })).toEqual(["1", "2", "3"]);
});
