import { beforeAll, describe, expect, test } from "vitest";

import type { Failure } from "#core/failure";
import type { JsonObject } from "#core/json";
import type { SourceHttp } from "#sources/http-client";
import { createSourceHttp } from "#sources/http-client";
import { authenticator, type Authenticator } from "#sources/manifest/authenticator/authenticator";
import { defineComponent } from "#sources/manifest/component";
import { backoffStrategy } from "#sources/manifest/error-handler/backoff-strategy";
import { compositeErrorHandler } from "#sources/manifest/error-handler/composite-error-handler";
import { constantBackoff } from "#sources/manifest/error-handler/constant-backoff";
import { defaultErrorHandler } from "#sources/manifest/error-handler/default-error-handler";
import { errorHandler } from "#sources/manifest/error-handler/error-handler";
import { httpResponseFilter } from "#sources/manifest/error-handler/http-response-filter";
import { responseFilter } from "#sources/manifest/error-handler/response-filter";
import { NO_OPTIONS } from "#sources/manifest/request-options";
import { httpRequester } from "#sources/manifest/requester/http-requester";
import { requester } from "#sources/manifest/requester/requester";
import type { Scope } from "#sources/manifest/scope";
import { WHOLE_STREAM } from "#sources/manifest/stream-slice";
import { SourceFailure } from "#sources/source";
import { manifestScope } from "#test/support/manifest-scope";
import { z } from "zod";

const NOW = Date.parse("2026-03-01T00:00:00Z");
const SECRET = "very-secret-token";
const PASSPHRASE = "correct horse battery";

/** Renewable as often as it has tokens. */
const rotatingAuthenticator = defineComponent({
  type: "BearerAuthenticator",
  fields: z.object({ tokens: z.array(z.string()) }),
  build({ tokens }): Authenticator {
    let at = 0;
    return {
      options: async () => ({ ...NO_OPTIONS, headers: { Authorization: `Bearer ${tokens[at]}` } }),
      renew: async () => at + 1 < tokens.length && (at += 1) > 0,
    };
  },
});

beforeAll(() => {
  requester.join([httpRequester]);
  authenticator.join([rotatingAuthenticator]);
  errorHandler.join([defaultErrorHandler, compositeErrorHandler]);
  responseFilter.join([httpResponseFilter]);
  backoffStrategy.join([constantBackoff]);
});

describe("an answer that the manifest has no rule for", () => {
  test.each<[number, Partial<Failure>]>([
    [400, { kind: "bad_request", final: true }],
    [401, { kind: "authentication", final: true }],
    [403, { kind: "permission", final: true }],
    [404, { kind: "not_found", final: true }],
    [405, { kind: "bad_request", final: true }],
    [408, { kind: "transient", final: false }],
    [429, { kind: "rate_limit", final: false }],
    [500, { kind: "transient", final: false }],
    [503, { kind: "transient", final: false }],
    [599, { kind: "transient", final: false }],
    // The CDK tries these again a few times, though they seldom get better.
    [402, { kind: "transient", final: false }],
    [410, { kind: "transient", final: false }],
    [422, { kind: "transient", final: false }],
  ])("%i is the failure %j", async (status, failure) => {
    expect(await failureOf(asking({}, [{ status }]))).toMatchObject({ retryAt: null, ...failure });
  });

  test.each<[number, string]>([
    [410, "not_found"],
    [422, "bad_request"],
  ])("%i is final once it was tried as often as the CDK does", async (status, kind) => {
    const failure = await failureOf(asking({}, [{ status }], { attempts: 5 }));
    expect(failure).toMatchObject({ kind, final: true });
  });

  test.each([429, 500, 503])("%i is tried until the job's deadline, however often it failed", async (status) => {
    expect(await failureOf(asking({}, [{ status }], { attempts: 500 }))).toMatchObject({ final: false });
  });

  test("says what was asked and what the API said, and no secret of either", async () => {
    const body = `{"error": {"message": "token ${SECRET} is wrong"}}`;
    const { message } = await failureOf(asking({ path: "a?key=hidden" }, [{ status: 400, body }]));
    expect(message).toMatch(/^GET https:\/\/api\.example\.com\/a answered 400: token .*redacted.* is wrong$/i);
    expect(message).not.toMatch(/hidden|very-secret/);
  });

  test.each([
    ["over lines", "correct\n\thorse  battery is wrong"],
    ["in pieces between markup", "<p>correct <b>horse</b>\n<i>battery</i> is wrong</p>"],
    ["where the message is cut", `${"x".repeat(185)} correct horse battery`],
  ])("shows no secret that the API writes %s, nor does the manifest's own explanation", async (_where, message) => {
    const rule = {
      type: "HttpResponseFilter",
      action: "FAIL",
      http_codes: [400],
      error_message: "{{ response.message }}",
    };
    const explained = { error_handler: { type: "DefaultErrorHandler", response_filters: [rule] } };
    const body = JSON.stringify({ message });
    const plainly = await failureOf(asking({}, [{ status: 400, body }]));
    expect(plainly.message).toContain("[redacted]");
    expect(plainly.message).not.toMatch(/correct|horse|battery/);
    const inWords = body.replaceAll(/<\/?\w>/g, "");
    expect((await failureOf(asking(explained, [{ status: 400, body: inWords }]))).message).not.toMatch(/horse|battery/);
  });

  test("with a page of HTML says its text", async () => {
    const body = "<html><style>x{}</style><body><h1>Not\nhere</h1></body></html>";
    const { message } = await failureOf(asking({}, [{ status: 404, body }]));
    expect(message).toBe("GET https://api.example.com/ answered 404: Not here");
  });
});

describe("when to come back", () => {
  test.each([
    [429, { "retry-after": "60" }, NOW + 60_000],
    [503, { "retry-after": "Sun, 01 Mar 2026 00:02:00 GMT" }, NOW + 120_000],
    [429, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(NOW / 1000 + 30) }, NOW + 30_000],
    [403, { "retry-after": "5" }, NOW + 5000],
  ])("is told by the answer's headers, whatever the manifest says: %i %j", async (status, headers, retryAt) => {
    const failure = await failureOf(asking({}, [{ status, headers }]));
    expect(failure).toMatchObject({ retryAt, final: false });
  });

  test("is the later one of what the API and what the manifest say", async () => {
    const answers = [{ status: 429, headers: { "retry-after": "60" } }];
    expect(await failureOf(asking(waits(10), answers))).toMatchObject({ retryAt: NOW + 60_000 });
    expect(await failureOf(asking(waits(90), answers))).toMatchObject({ retryAt: NOW + 90_000 });
  });

  test("is told by the manifest for requests that got no answer", async () => {
    const failure = await failureOf(asking(waits(7), []));
    expect(failure).toMatchObject({ kind: "transient", retryAt: NOW + 7000, final: false });
  });

  test("is never, once the manifest's max_retries are used up", async () => {
    const fields = handler({ max_retries: 2, backoff_strategies: [backoff(7)] });
    const after = async (attempts: number, status: number) => failureOf(asking(fields, [{ status }], { attempts }));
    expect(await after(1, 500)).toMatchObject({ final: false });
    expect(await after(2, 500)).toMatchObject({ final: true });
    expect(await after(2, 429)).toMatchObject({ kind: "rate_limit", final: true });
    expect(await failureOf(asking(fields, [], { attempts: 2 }))).toMatchObject({ kind: "transient", final: true });
  });
});

describe("the manifest's rules", () => {
  test("ignore an answer and say why", async () => {
    const answer = await asking(filter({ http_codes: [403], action: "IGNORE", error_message: "no plan" }), [
      { status: 403 },
    ]);
    expect(answer).toMatchObject({ type: "ignored", response: { status: 403 } });
    expect(answer.type === "ignored" && answer.message).toMatch(
      /^no plan \(GET .* answered 403, which the manifest ignores\.\)$/,
    );
  });

  test("take an answer for a good one", async () => {
    const answer = await asking(filter({ http_codes: [404], action: "SUCCESS" }), [{ status: 404 }]);
    expect(answer).toMatchObject({ type: "response", response: { status: 404 } });
  });

  test("ask for the first page again", async () => {
    const answer = await asking(filter({ http_codes: [400], action: "RESET_PAGINATION" }), [{ status: 400 }]);
    expect(answer).toEqual({ type: "reset_pagination" });
  });

  test("fail with the manifest's message before the API's", async () => {
    const rule = {
      http_codes: [403],
      action: "FAIL",
      error_message: "Ask {{ config['who'] }} about {{ response['why'] }}",
    };
    const failure = await failureOf(asking(filter(rule), [{ status: 403, body: '{"why": "plan", "message": "no"}' }]));
    expect(failure).toEqual({
      kind: "permission",
      message: "Ask Ada about plan (GET https://api.example.com/ answered 403: no)",
      retryAt: null,
      final: true,
    });
  });

  test.each<[JsonObject, number, Partial<Failure>]>([
    [{ http_codes: [200], action: "FAIL", failure_type: "config_error" }, 200, { kind: "bad_request", final: true }],
    [{ http_codes: [200], action: "FAIL" }, 200, { kind: "bad_response", final: true }],
    [{ http_codes: [400], action: "FAIL", failure_type: "transient_error" }, 400, { kind: "transient", final: true }],
    [{ http_codes: [401], action: "FAIL", failure_type: "config_error" }, 401, { kind: "authentication", final: true }],
    [{ http_codes: [404], action: "RETRY" }, 404, { kind: "transient", final: false }],
    [{ http_codes: [403], action: "RATE_LIMITED" }, 403, { kind: "rate_limit", final: false }],
    [{ predicate: "{{ response == {} }}", action: "RETRY" }, 200, { kind: "transient", final: false }],
  ])("%j makes of %i the failure %j", async (rule, status, failure) => {
    expect(await failureOf(asking(filter(rule), [{ status }]))).toMatchObject(failure);
  });

  test.each(["REDUCE_PAGE_SIZE", "SPLIT_REQUEST_WINDOW"])(
    "that need %s are refused at check, with what to do",
    (action) => {
      const { error } = requester.schema.safeParse({ ...BASE, ...filter({ http_codes: [400], action }) });
      expect(error?.issues[0]).toMatchObject({
        path: ["error_handler", "response_filters", "0", "action"],
        message: expect.stringMatching(/not supported.*Set a smaller page_size or step/),
      });
    },
  );
});

describe("a token that is no longer good", () => {
  const refresh = filter({ http_codes: [403], action: "REFRESH_TOKEN_THEN_RETRY" });

  test.each([
    [{}, 401],
    [refresh, 403],
  ])("is renewed, and the request sent once more: %j", async (fields, status) => {
    const seen: string[] = [];
    const answer = await asking({ ...renewable("old", "new"), ...fields }, [{ status }, { status: 200 }], {}, seen);
    expect(answer).toMatchObject({ type: "response", response: { status: 200 } });
    expect(seen).toEqual(["Bearer old", "Bearer new"]);
  });

  test.each([
    [{}, 401],
    [refresh, 403],
  ])("is renewed once only: a new one that is refused too is final: %j", async (fields, status) => {
    const answers = [{ status }, { status }, { status: 200 }];
    const failure = await failureOf(asking({ ...renewable("old", "new", "newer"), ...fields }, answers));
    expect(failure).toMatchObject({ kind: "authentication", final: true });
  });

  test("that can't be renewed fails as it is", async () => {
    const failure = await failureOf(asking(renewable("old"), [{ status: 401 }, { status: 200 }]));
    expect(failure).toMatchObject({ kind: "authentication", final: true });
  });
});

test.each([
  ["ftp://files.example.com", /address is none that can be called: ftp:\/\/files\.example\.com/],
  ["{{ config['missing'] }}", /address is none that can be called: \./],
  ["https://", /address is none that can be called/],
])("the address %s is refused before anything is sent", async (url_base, message) => {
  const failure = await failureOf(asking({ url_base, path: "" }, []));
  expect(failure).toMatchObject({ kind: "bad_request", final: true, message: expect.stringMatching(message) });
});

test("a requester without an address, or with two bodies, is refused when the manifest is checked", () => {
  const { error } = requester.schema.safeParse({
    type: "HttpRequester",
    request_body_json: { a: 1 },
    request_body_data: "b",
  });
  expect(error?.issues.map(({ path }) => path.join("."))).toEqual(["request_body", "url"]);
});

test("a wrong expression is told by its place in the manifest", () => {
  const { error } = requester.schema.safeParse({
    ...BASE,
    request_parameters: { good: "x", bad: "{{ 1 + }}" },
    request_headers: { "X-Bad": "{{ nope | nope }}" },
    request_body_json: { deep: [{ at: "{{ ( }}" }] },
  });
  const places = error?.issues.map(({ path }) => path.join("."));
  expect(places).toEqual(["request_parameters.bad", "request_headers.X-Bad", "request_body_json.deep.0.at"]);
});

const BASE = { type: "HttpRequester", url_base: "https://api.example.com", path: "" };

function handler(fields: JsonObject): JsonObject {
  return { error_handler: { type: "DefaultErrorHandler", ...fields } };
}

function filter(rule: JsonObject): JsonObject {
  return handler({ response_filters: [{ type: "HttpResponseFilter", ...rule }] });
}

function waits(seconds: number): JsonObject {
  return handler({ backoff_strategies: [backoff(seconds)] });
}

function renewable(...tokens: string[]): JsonObject {
  return { authenticator: { type: "BearerAuthenticator", tokens } };
}

function backoff(seconds: number): JsonObject {
  return { type: "ConstantBackoffStrategy", backoff_time_in_seconds: seconds };
}

interface Scripted {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** Sends a request to an API that answers what is scripted, and then not at all. */
async function asking(
  fields: JsonObject,
  answers: readonly Scripted[],
  scope: Partial<Scope> = {},
  seen: string[] = [],
) {
  const left = [...answers];
  const http: SourceHttp = createSourceHttp({
    fetch: async (_url, init) => {
      seen.push(new Headers(init.headers).get("authorization") ?? "");
      const next = left.shift();
      if (next === undefined) throw new TypeError("no connection");
      return new Response(next.body ?? "{}", { status: next.status, headers: next.headers ?? {} });
    },
    signal: new AbortController().signal,
    now: () => NOW,
    allowPrivate: false,
    secrets: [SECRET, PASSPHRASE],
    maxResponseBytes: 1_000_000,
    requestTimeoutMs: 10_000,
  });
  const built = requester.schema.parse({ ...BASE, ...fields })(
    manifestScope({ who: "Ada" }, { http, now: () => NOW, ...scope }),
  );
  return built.send({ slice: WHOLE_STREAM, token: null, options: [] });
}

async function failureOf(sent: Promise<unknown>): Promise<Failure> {
  const error = await sent.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof SourceFailure) return error.failure;
  throw new Error("expected a SourceFailure", { cause: error });
}
