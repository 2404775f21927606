import { beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";

import type { JsonObject } from "#core/json";
import type { ApiResponse } from "#sources/manifest/api-response";
import { authenticator } from "#sources/manifest/authenticator/authenticator";
import { sessionTokenAuthenticator } from "#sources/manifest/authenticator/session-token-authenticator";
import { defineComponent } from "#sources/manifest/component";
import { decoder } from "#sources/manifest/decoder/decoder";
import { requester, type Answer } from "#sources/manifest/requester/requester";
import { MemoryKeepsakes } from "#sources/memory-keepsakes";
import { SourceFailure } from "#sources/source";
import { manifestScope } from "#test/support/manifest-scope";

const START = Date.parse("2026-03-01T12:00:00Z");

let logins = 0;
let answer: (login: number) => Answer | SourceFailure;
beforeEach(() => {
  logins = 0;
  answer = (login) => answered({ data: { tokens: [`session-${login}`] } });
});

function responseWith(body: unknown): ApiResponse {
  return {
    status: 200,
    headers: {},
    url: "https://api.example.com/login",
    bytes: new Uint8Array(),
    text: () => JSON.stringify(body),
    json: () => body,
  };
}

const answered = (body: unknown): Answer => ({ type: "response", response: responseWith(body) });

requester.join([
  defineComponent({
    type: "HttpRequester",
    fields: z.object({ path: z.string().optional() }),
    build: () => ({
      send: async () => {
        logins += 1;
        const next = answer(logins);
        if (next instanceof SourceFailure) throw next;
        return next;
      },
    }),
  }),
]);
decoder.join([
  defineComponent({
    type: "XmlDecoder",
    fields: z.object({}),
    build: () => ({ decode: async () => [{ session: { id: "from-xml" } }] }),
  }),
]);
authenticator.join([sessionTokenAuthenticator]);

function opened(
  fields: JsonObject = {},
  keepsakes = new MemoryKeepsakes(),
  now = () => START,
  config: JsonObject = {},
) {
  const definition = authenticator.schema.parse({
    type: "SessionTokenAuthenticator",
    login_requester: { type: "HttpRequester" },
    session_token_path: ["data", "tokens", "0"],
    expiration_duration: "PT1H",
    request_authentication: { type: "Bearer" },
    ...fields,
  });
  const scope = manifestScope(config, { keepsakes, now });
  const built = definition(scope);
  return { built, token: async () => (await built.options()).headers["Authorization"], scope };
}

const inHeader = { type: "RequestOption", inject_into: "header", field_name: "X-Session" };

describe("a session", () => {
  test("lasts as long as the manifest says, for every stream and in every slice", async () => {
    const keepsakes = new MemoryKeepsakes();
    let time = START;
    const now = () => time;
    const tokens = await Promise.all(Array.from({ length: 5 }, () => opened({}, keepsakes, now).token()));
    expect(new Set(tokens)).toEqual(new Set(["Bearer session-1"]));
    time += 3_600_000;
    expect(await opened({}, keepsakes, now).token()).toBe("Bearer session-1");
    time += 1;
    expect(await opened({}, keepsakes, now).token()).toBe("Bearer session-2");
    expect(logins).toBe(2);
  });

  test.each([
    ["P1M", Date.parse("2026-04-01T12:00:00Z")],
    ["P1Y", Date.parse("2027-03-01T12:00:00Z")],
    ["P9000Y", Date.parse("9999-01-01T12:00:00Z")],
  ])("of %s goes by the calendar", async (duration, end) => {
    const keepsakes = new MemoryKeepsakes();
    await opened({ expiration_duration: duration }, keepsakes).token();
    await opened({ expiration_duration: duration }, keepsakes, () => end).token();

    expect(logins).toBe(1);
  });

  test.each([undefined, ""])("without a duration is good for one request: %j", async (duration) => {
    const { token } = opened(
      duration === undefined ? { expiration_duration: null } : { expiration_duration: duration },
    );

    expect([await token(), await token()]).toEqual(["Bearer session-1", "Bearer session-2"]);
  });

  test("that began with another config is not used", async () => {
    const keepsakes = new MemoryKeepsakes();
    await opened({}, keepsakes, () => START, { user: "one" }).token();

    expect(await opened({}, keepsakes, () => START, { user: "two" }).token()).toBe("Bearer session-2");
  });

  test("that the API refuses is begun anew, once for all who had it", async () => {
    const keepsakes = new MemoryKeepsakes();
    const [one, other] = [opened({}, keepsakes), opened({}, keepsakes)];
    expect([await one.token(), await other.token()]).toEqual(["Bearer session-1", "Bearer session-1"]);

    expect(await one.built.renew()).toBe(true);
    expect(await one.token()).toBe("Bearer session-2");
    expect(await other.built.renew()).toBe(true);
    expect(await other.token()).toBe("Bearer session-2");
  });

  test("is shown by no message", async () => {
    const keepsakes = new MemoryKeepsakes();
    // The second one finds it kept.
    for (const { token, scope } of [opened({}, keepsakes), opened({}, keepsakes)]) {
      await token();

      expect(scope.http.redact("session-1")).toBe("[redacted]");
    }
    expect(logins).toBe(1);
  });
});

describe("its token", () => {
  test("goes where the manifest says", async () => {
    const { built } = opened({ request_authentication: { type: "ApiKey", inject_into: inHeader } });

    expect((await built.options()).headers).toEqual({ "X-Session": "session-1" });
  });

  test("in the words that the manifest says", async () => {
    const use = { type: "ApiKey", inject_into: inHeader, api_token: "Token {{ session_token }}" };

    expect((await opened({ request_authentication: use }).built.options()).headers).toEqual({
      "X-Session": "Token session-1",
    });
  });

  test("is read from the first document that the decoder finds", async () => {
    const { token } = opened({ decoder: { type: "XmlDecoder" }, session_token_path: ["session", "id"] });

    expect(await token()).toBe("Bearer from-xml");
  });
});

describe("signing in that fails", () => {
  test.each<[string, () => Answer | SourceFailure, object]>([
    [
      "because the password is wrong is final",
      () => new SourceFailure({ kind: "bad_request", message: "POST https://x/login answered 400." }),
      { kind: "authentication", final: true, message: expect.stringMatching(/^Signing in failed. POST.*400/) },
    ],
    [
      "because the server is down is tried again",
      () => new SourceFailure({ kind: "transient", message: "Down.", retryAt: 7 }),
      { kind: "transient", final: false, retryAt: 7 },
    ],
    [
      "without anybody noticing is noticed",
      () => ({ type: "ignored", message: "", response: responseWith({}) }),
      { kind: "bad_response", message: expect.stringContaining("login_requester") },
    ],
    [
      "to give a token says where it was expected",
      () => answered({ data: { tokens: [null] } }),
      { kind: "bad_response", message: expect.stringContaining("data.tokens.0") },
    ],
    ["by answering no JSON", () => answered(undefined), { kind: "bad_response" }],
  ])("%s", async (_what, next, failure) => {
    answer = next;

    await expect(opened().token()).rejects.toMatchObject({ failure });
  });

  test("because the duration is none is found when the manifest is checked", () => {
    const { error } = authenticator.schema.safeParse({
      type: "SessionTokenAuthenticator",
      login_requester: { type: "HttpRequester" },
      session_token_path: ["id"],
      expiration_duration: "1 hour",
      request_authentication: { type: "Bearer" },
    });

    expect(error?.issues).toMatchObject([
      { path: ["expiration_duration"], message: expect.stringContaining("ISO 8601") },
    ]);
  });
});
