import { expect, test } from "vitest";

import type { JsonObject } from "#core/json";
import { apiKeyAuthenticator } from "#sources/manifest/authenticator/api-key-authenticator";
import { authenticator } from "#sources/manifest/authenticator/authenticator";
import { bearerAuthenticator } from "#sources/manifest/authenticator/bearer-authenticator";
import { jwtAuthenticator } from "#sources/manifest/authenticator/jwt-authenticator";
import { noAuth } from "#sources/manifest/authenticator/no-auth";
import { selectiveAuthenticator } from "#sources/manifest/authenticator/selective-authenticator";
import { manifestScope } from "#test/support/manifest-scope";

authenticator.join([noAuth, bearerAuthenticator, apiKeyAuthenticator, selectiveAuthenticator, jwtAuthenticator]);

const issuesOf = (component: JsonObject) =>
  authenticator.schema.safeParse(component).error?.issues.map(({ path, message }) => [path.join("."), message]);
const OPTION = { type: "RequestOption", inject_into: "header", field_name: "X" };

test.each<[JsonObject, string, RegExp]>([
  [{ type: "BearerAuthenticator" }, "api_token", /./],
  [{ type: "ApiKeyAuthenticator", api_token: "x" }, "inject_into", /Say where the key goes/],
  [{ type: "ApiKeyAuthenticator", api_token: "x", header: "X", inject_into: OPTION }, "header", /Remove header/],
  [{ type: "JwtAuthenticator", secret_key: "x", algorithm: "ES256K" }, "algorithm", /Expected one of HS256/],
])("a mistake in %j is found when the manifest is checked", (component, path, message) => {
  expect(issuesOf(component)).toEqual([[path, expect.stringMatching(message)]]);
});

test("a selected authenticator that needs code is found as such", () => {
  const custom = { type: "CustomAuthenticator", class_name: "source_x.Auth" };
  const component = { type: "SelectiveAuthenticator", authenticator_selection_path: ["a"], authenticators: { custom } };

  expect(issuesOf(component)).toEqual([["authenticators.custom", expect.stringContaining("source_x.Auth")]]);
});

test.each([
  [{}, /config at auth.type says which authentication to use, and is missing.*none, key/],
  [{ auth: { type: "other" } }, /does not have.*none, key/],
  [{ auth: { type: "constructor" } }, /does not have/],
])("a selection by %j fails when it is used, and says what there is", async (config, message) => {
  const built = authenticator.schema.parse({
    type: "SelectiveAuthenticator",
    authenticator_selection_path: ["auth", "type"],
    authenticators: { none: { type: "NoAuth" }, key: { type: "ApiKeyAuthenticator", header: "X", api_token: "k" } },
  })(manifestScope(config));

  await expect(built.options()).rejects.toMatchObject({
    failure: { kind: "bad_request", final: true, message: expect.stringMatching(message) },
  });
});

test("what an expression makes of credentials is as secret as they are", async () => {
  const component = { type: "BearerAuthenticator", api_token: "{{ config['user'] }}-{{ config['key'] }}" };
  const scope = manifestScope({ user: "abc", key: "def" });
  await authenticator.schema.parse(component)(scope).options();

  expect(scope.http.redact("Bearer abc-def")).toBe("Bearer [redacted]");
});

test("a token that was signed is as secret as its key", async () => {
  const component = { type: "JwtAuthenticator", secret_key: "long enough", algorithm: "HS256" };
  const scope = manifestScope({});
  const token = (await authenticator.schema.parse(component)(scope).options()).headers["Authorization"];

  expect(token).toMatch(/^eyJ/);
  expect(scope.http.redact(`sent ${String(token)}`)).toBe("sent [redacted]");
});

test("a key that can't sign is the credentials' fault, and is not shown", async () => {
  const component = { type: "JwtAuthenticator", secret_key: "{{ config['key'] }}", algorithm: "RS256" };
  const built = authenticator.schema.parse(component)(manifestScope({ key: "not a key" }));

  await expect(built.options()).rejects.toMatchObject({
    failure: { kind: "authentication", final: true, message: expect.stringMatching(/^(?!.*not a key).*RS256/) },
  });
});

test("claims that have fields of their own are not set twice", async () => {
  const additional = { additional_jwt_payload: { iss: "me" } };
  const component = { type: "JwtAuthenticator", secret_key: "long enough", algorithm: "HS256", ...additional };

  await expect(authenticator.schema.parse(component)(manifestScope({})).options()).rejects.toThrow(/iss.*field of its/);
});

test("a token is signed once a second, and anew in the next", async () => {
  let time = 1_000_000_000_000;
  const component = { type: "JwtAuthenticator", secret_key: "long enough", algorithm: "HS256" };
  const built = authenticator.schema.parse(component)(manifestScope({}, { now: () => time }));
  const first = await built.options();
  time += 999;
  expect(await built.options()).toEqual(first);
  time += 1;
  expect(await built.options()).not.toEqual(first);
});
