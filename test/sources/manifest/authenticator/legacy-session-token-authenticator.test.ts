import { afterEach, beforeEach, expect, test } from "vitest";

import type { JsonObject } from "#core/json";
import { legacySessionTokenAuthenticator } from "#sources/manifest/authenticator/legacy-session-token-authenticator";
import { MemoryKeepsakes } from "#sources/memory-keepsakes";
import { manifestScope } from "#test/support/manifest-scope";
import { json, startUpstream, type ScriptedUpstream } from "#test/support/scripted-upstream";

let upstream: ScriptedUpstream;
let good = "given";
beforeEach(async () => {
  good = "given";
  upstream = await startUpstream(({ url, headers, method }) => {
    if (method === "GET") return json({}, { status: headers["x-session"] === good ? 200 : 401 });
    return url.pathname === "/api/login" ? json({ id: "from-login" }) : json({}, { status: 404 });
  });
});
afterEach(() => upstream.close());

function opened(config: JsonObject, keepsakes = new MemoryKeepsakes()) {
  const definition = legacySessionTokenAuthenticator.schema.parse({
    type: "LegacySessionTokenAuthenticator",
    header: "X-Session",
    login_url: "login",
    validate_session_url: "me",
    session_token_response_key: "id",
    session_token: "{{ config['token'] }}",
    username: "{{ config['user'] }}",
    password: "{{ config['password'] }}",
  });
  return definition(manifestScope(config, { keepsakes, urlBase: `${upstream.url}/{{ config['base'] }}/` }));
}

const USER = { base: "api", user: "zoe", password: "secret" };
const paths = () => upstream.requests.map(({ method, url }) => `${method} ${url.pathname}`);

test("a session token from the config is used once the API says that it is good", async () => {
  const built = opened({ ...USER, token: "given" });

  expect((await built.options()).headers).toEqual({ "X-Session": "given" });
  expect((await built.options()).headers).toEqual({ "X-Session": "given" });
  expect(paths()).toEqual(["GET /api/me"]);
});

test("one that is not good gives way to username and password, which get one for a day", async () => {
  const keepsakes = new MemoryKeepsakes();
  const config = { ...USER, token: "stale" };

  expect((await opened(config, keepsakes).options()).headers).toEqual({ "X-Session": "from-login" });
  expect((await opened(config, keepsakes).options()).headers).toEqual({ "X-Session": "from-login" });
  expect(paths()).toEqual(["GET /api/me", "POST /api/login", "GET /api/me"]);
  expect(JSON.parse(upstream.requests[1]?.body ?? "")).toEqual({ username: "zoe", password: "secret" });
});

test("one that ends while it is used is renewed by signing in", async () => {
  const built = opened({ ...USER, token: "given" });
  await built.options();
  good = "another";

  expect(await built.renew()).toBe(true);
  expect((await built.options()).headers).toEqual({ "X-Session": "from-login" });
});

test("without one that is good, and no password, the credentials are to be mended", async () => {
  await expect(opened({ base: "api", token: "stale" }).options()).rejects.toMatchObject({
    failure: { kind: "authentication", final: true, message: expect.stringContaining("username and password") },
  });
});

test("signing in that is refused is final", async () => {
  upstream.handle(() => json({ message: "no such user" }, { status: 400 }));

  await expect(opened(USER).options()).rejects.toMatchObject({
    failure: {
      kind: "authentication",
      final: true,
      message: expect.stringContaining("/api/login answered 400: no such user"),
    },
  });
});
