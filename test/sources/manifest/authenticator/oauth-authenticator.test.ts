import { afterEach, beforeEach, describe, expect, test } from "vitest";

import type { JsonObject } from "#core/json";
import { oauthAuthenticator } from "#sources/manifest/authenticator/oauth-authenticator";
import { MemoryKeepsakes } from "#sources/memory-keepsakes";
import { SourceFailure } from "#sources/source";
import { manifestScope } from "#test/support/manifest-scope";
import { json, startUpstream, text, type Answer, type ScriptedUpstream } from "#test/support/scripted-upstream";
import { testHttp } from "#test/support/test-http";

const START = Date.parse("2026-03-01T12:00:00Z");
const CONFIG = { client_id: "the client", client_secret: "client-secret", refresh_token: "refresh-0" };

let upstream: ScriptedUpstream;
let issued = 0;
/** Refresh tokens that are good for one use: each makes the next. */
const rotating = ({ body }: { body: string }): Answer => {
  const given = new URLSearchParams(body).get("refresh_token");
  if (given !== `refresh-${issued}`)
    return json({ error: "invalid_grant", error_description: `${given} is spent` }, { status: 400 });
  issued += 1;
  return json({ access_token: `access-${issued}`, refresh_token: `refresh-${issued}`, expires_in: 3600 });
};
beforeEach(async () => {
  issued = 0;
  upstream = await startUpstream(rotating);
});
afterEach(() => upstream.close());

/** An opened source's authenticator. Those of one connection share its keepsakes. */
function opened(
  keepsakes = new MemoryKeepsakes(),
  fields: JsonObject = {},
  now = () => START,
  signal = new AbortController().signal,
) {
  const http = testHttp({ now, signal, secrets: Object.values(CONFIG) });
  const definition = oauthAuthenticator.schema.parse({
    type: "OAuthAuthenticator",
    token_refresh_endpoint: `${upstream.url}/token?tenant=7`,
    client_id: "{{ config['client_id'] }}",
    client_secret: "{{ config['client_secret'] }}",
    refresh_token: "{{ config['refresh_token'] }}",
    ...fields,
  });
  const built = definition(manifestScope(CONFIG, { http, keepsakes, now }));
  const token = async () => (await built.options()).headers["Authorization"];
  return { built, token, http };
}

const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => {
      throw new Error("It did not fail.");
    },
    (error: unknown) => {
      if (error instanceof SourceFailure) return error.failure;
      throw error;
    },
  );

describe("an access token", () => {
  test("is used until it expires, by every stream and in every slice", async () => {
    const keepsakes = new MemoryKeepsakes();
    let time = START;
    expect(await opened(keepsakes, {}, () => time).token()).toBe("Bearer access-1");
    time += 3_600_000;
    expect(await opened(keepsakes, {}, () => time).token()).toBe("Bearer access-1");
    time += 1;
    expect(await opened(keepsakes, {}, () => time).token()).toBe("Bearer access-2");
    expect(upstream.requests).toHaveLength(2);
  });

  test("is obtained once where many streams want one at a time, since a refresh token may be good for one use", async () => {
    const keepsakes = new MemoryKeepsakes();
    const tokens = await Promise.all(Array.from({ length: 12 }, () => opened(keepsakes).token()));

    expect(new Set(tokens)).toEqual(new Set(["Bearer access-1"]));
    expect(upstream.requests).toHaveLength(1);
  });

  test("is kept where the job that asked for it is cancelled meanwhile: the refresh token is spent either way", async () => {
    const keepsakes = new MemoryKeepsakes();
    const slice = new AbortController();
    const { token } = opened(keepsakes, {}, () => START, slice.signal);
    const [asked, given] = [upstream.nextRequest(), token()];
    await asked;
    slice.abort();
    await given.catch(() => undefined);

    expect(await opened(keepsakes).token()).toBe("Bearer access-1");
    expect(upstream.requests).toHaveLength(1);
  });

  test("is obtained by the next in line where the first one's request broke", async () => {
    const keepsakes = new MemoryKeepsakes();
    upstream.handle((request) => (request.index === 0 ? text("", { status: 503 }) : rotating(request)));

    const results = await Promise.allSettled([opened(keepsakes).token(), opened(keepsakes).token()]);

    expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
  });

  test("of other credentials is not used", async () => {
    const keepsakes = new MemoryKeepsakes();
    await opened(keepsakes).token();
    upstream.handle(() => json({ access_token: "of another" }));

    expect(await opened(keepsakes, { client_secret: "another" }).token()).toBe("Bearer of another");
    expect(await opened(keepsakes).token()).toBe("Bearer access-1");
  });

  test("is shown by no message once it is known, nor is the refresh token that came with it", async () => {
    const keepsakes = new MemoryKeepsakes();
    for (const { token, http } of [opened(keepsakes), opened(keepsakes)]) {
      await token();
      expect(http.redact("access-1 refresh-1 refresh-0")).toBe("[redacted] [redacted] [redacted]");
    }
    expect(upstream.requests).toHaveLength(1);
  });

  test("that is a number is shown as little", async () => {
    upstream.handle(() => json({ access_token: 1234567890, refresh_token: 9876543210, expires_in: 3600 }));
    const { token, http } = opened();
    expect(await token()).toBe("Bearer 1234567890");
    expect(http.redact("1234567890 9876543210")).toBe("[redacted] [redacted]");
  });
});

describe("a refresh token that has a successor", () => {
  test("is stored before the access token that came with it is used", async () => {
    const order: string[] = [];
    class Watched extends MemoryKeepsakes {
      override async write(name: string, value: JsonObject): Promise<void> {
        await Promise.resolve();
        order.push(`stored ${JSON.stringify(value["refreshToken"])}`);
        await super.write(name, value);
      }
    }
    const { token } = opened(new Watched());
    await token().then((value) => order.push(`used ${String(value)}`));

    expect(order).toEqual(['stored "refresh-1"', "used Bearer access-1"]);
  });

  test("is not used where it could not be stored: better to fail than to lose it at the next eviction", async () => {
    class Broken extends MemoryKeepsakes {
      override async write(): Promise<void> {
        throw new Error("The disk is full.");
      }
    }

    await expect(opened(new Broken()).token()).rejects.toThrow("The disk is full.");
  });

  test("is not given up where an answer names none", async () => {
    const keepsakes = new MemoryKeepsakes();
    let time = START;
    const now = () => time;
    await opened(keepsakes, {}, now).token();
    upstream.handle(() => json({ access_token: "plain", expires_in: 1 }));
    time += 4_000_000;
    await opened(keepsakes, {}, now).token();
    time += 4_000_000;
    await opened(keepsakes, {}, now).token();

    expect(upstream.requests.map(({ body }) => new URLSearchParams(body).get("refresh_token"))).toEqual([
      "refresh-0",
      "refresh-1",
      "refresh-1",
    ]);
  });
});

describe("an access token that the API refuses", () => {
  test("is renewed, and with it the one of a stream that has the same", async () => {
    const keepsakes = new MemoryKeepsakes();
    const [one, other] = [opened(keepsakes), opened(keepsakes)];
    expect(await one.token()).toBe(await other.token());

    expect(await one.built.renew()).toBe(true);
    expect(await one.token()).toBe("Bearer access-2");
    // The other one's refusal is about the token that is gone already.
    expect(await other.built.renew()).toBe(true);
    expect(await other.token()).toBe("Bearer access-2");
    expect(upstream.requests).toHaveLength(2);
  });

  test("is renewed where it stood in the config", async () => {
    const fields = { access_token_value: "from the config", token_expiry_date: "2027-01-01T00:00:00Z" };
    const { built, token } = opened(new MemoryKeepsakes(), fields);

    expect(await token()).toBe("Bearer from the config");
    expect(await built.renew()).toBe(true);
    expect(await token()).toBe("Bearer access-1");
  });

  test("is not renewed where there is nowhere to get another", async () => {
    const { built, token } = opened(new MemoryKeepsakes(), {
      token_refresh_endpoint: null,
      access_token_value: "fixed",
    });

    expect(await token()).toBe("Bearer fixed");
    expect(await built.renew()).toBe(false);
  });
});

describe("a token endpoint that gives no token", () => {
  test("because the refresh token is spent is final, and says what to do", async () => {
    upstream.handle(() =>
      json({ error: "invalid_grant", error_description: "refresh-0 of client-secret is revoked." }, { status: 400 }),
    );

    expect(await failureOf(opened().token())).toEqual({
      kind: "authentication",
      message: `POST ${upstream.url}/token answered 400: invalid_grant: [redacted] of [redacted] is revoked. The refresh token is expired, revoked or already used. Sign in to the API again to get new credentials, and replace the connection's with them; check client id and secret.`,
      retryAt: null,
      final: true,
    });
  });

  test("shows no part of a secret, wherever what it says is cut", async () => {
    for (let padding = 180; padding < 200; padding += 1) {
      upstream.handle(() => json({ error: `${"x".repeat(padding)} client-secret` }, { status: 400 }));
      const { message } = await failureOf(opened().token());
      expect(message).not.toContain("client-");
    }
  });

  test("as the manifest says it is refused, is recognised", async () => {
    upstream.handle(() => json({ code: "token_used" }, { status: 403 }));
    const signs = {
      refresh_token_error_status_codes: [403],
      refresh_token_error_key: "code",
      refresh_token_error_values: ["token_used"],
    };

    expect(await failureOf(opened(new MemoryKeepsakes(), signs).token())).toMatchObject({
      kind: "authentication",
      message: expect.stringContaining("already used"),
    });
    expect(await failureOf(opened(new MemoryKeepsakes(), { refresh_token_updater: signs }).token())).toMatchObject({
      message: expect.stringContaining("already used"),
    });
    expect((await failureOf(opened().token())).message).not.toContain("already used");
  });

  test.each([
    ["too many requests", 429, { "retry-after": "30" }, { kind: "rate_limit", retryAt: START + 30_000, final: false }],
    ["a fault", 503, { "retry-after": "5" }, { kind: "transient", retryAt: START + 5_000, final: false }],
    ["a fault without more", 500, {}, { kind: "transient", retryAt: null, final: false }],
    ["401", 401, {}, { kind: "authentication", final: true }],
    ["404", 404, {}, { kind: "authentication", final: true }],
  ] as const)("%s", async (_what, status, headers, expected) => {
    upstream.handle(() => json({ message: "no" }, { status, headers }));

    expect(await failureOf(opened().token())).toMatchObject(expected);
  });

  test.each([
    ["a page of HTML", text("<h1>access-9</h1>", { headers: { "content-type": "text/html" } }), /text\/html.*not JSON/],
    ["JSON without a token", json({ data: [{ token: "x" }] }), /no access_token/],
    ["an empty token", json({ access_token: "" }), /no access_token/],
    [
      "JSON that nests too deep",
      json({ a: { a: { a: { a: { a: { a: { access_token: "x" } } } } } } }),
      /no access_token/,
    ],
    ["an expiry that is none", json({ access_token: "secret-x", expires_in: "soon" }), /expires_in is not a number/],
  ])("but %s answers badly", async (_what, answer, message) => {
    upstream.handle(() => answer);

    const failure = await failureOf(opened().token());

    expect(failure).toMatchObject({ kind: "bad_response", message: expect.stringMatching(message) });
    expect(failure.message).not.toMatch(/access-9|secret-x|tenant/);
  });
});

describe("a manifest or config that lacks something", () => {
  test.each([
    [{}, "token_refresh_endpoint"],
    [{ token_refresh_endpoint: "https://x.example" }, "client_id"],
    [{ token_refresh_endpoint: "https://x.example", client_id: "a", client_secret: "" }, "refresh_token"],
  ])("%j: %s", (fields, path) => {
    const { error } = oauthAuthenticator.schema.safeParse({ type: "OAuthAuthenticator", ...fields });

    expect(error?.issues[0]?.path).toEqual([path]);
  });

  test.each([
    ["refresh_token", { refresh_token: "{{ config['absent'] }}" }],
    ["client_id", { client_id: "{{ config['absent'] }}" }],
    ["token_refresh_endpoint", { token_refresh_endpoint: "{{ config['absent'] }}" }],
  ])("without %s nothing is sent", async (name, fields) => {
    expect(await failureOf(opened(new MemoryKeepsakes(), fields).token())).toMatchObject({
      kind: "authentication",
      final: true,
      message: expect.stringContaining(name),
    });
    expect(upstream.requests).toHaveLength(0);
  });
});
