import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";

import type { JsonObject } from "#core/json";
import { aManifest, aStreamOf } from "#test/support/a-manifest";
import {
  json,
  redirect,
  startUpstream,
  text,
  type Answer,
  type ScriptedUpstream,
  type SeenRequest,
} from "#test/support/scripted-upstream";
import { connect, runToEnd } from "./connection.ts";
import { contentsOf, expectNoSecretIn } from "./secret-forms.ts";
import { startSluice, type Sluice } from "./sluice.ts";

/*
 * An API that takes a secret in each way that a manifest knows, gives out tokens of its own, and then repeats everything
 * that it was sent wherever it may end up in an error. Neither the secrets nor the tokens are seen anywhere.
 */

/** Characters that look different in JSON, in a URL, in HTML and in base64. */
const API_KEY = 'key/SECR3T+"q"&<x>=%7';
const CLIENT_SECRET = "client-SECR3T-0123456789/+";
const FIRST_REFRESH_TOKEN = "refresh-SECR3T-first-0123456789";
const PASSWORD = 'pass "SECR3T" word/0123456789';
/** Those that the API gave out. */
const issued: string[] = [];

let sluice: Sluice;
let upstream: ScriptedUpstream;
/** Answers instead of the data, once somebody has signed in. */
let misbehave: ((said: string) => Answer) | null = null;
let misbehavesAtSignIn = false;

beforeAll(async () => {
  upstream = await startUpstream(answer);
  sluice = await startSluice();
});
afterAll(async () => {
  await sluice?.close();
  await upstream?.close();
});

function answer(request: SeenRequest): Answer {
  const path = request.url.pathname;
  const isSignIn = path === "/token" || path === "/login";
  if (misbehave !== null && isSignIn === misbehavesAtSignIn) return misbehave(whatWasSent(request));
  if (!isSignIn) return json({ data: [{ id: path }] });
  const number = issued.length;
  const [token, successor] = [`token-SECR3T-${number}-0123456789`, `refresh-SECR3T-${number}-0123456789`];
  issued.push(token, successor);
  // It expires at once, so that each read asks for another.
  return json({ access_token: token, refresh_token: successor, expires_in: 1, token });
}

/** All of it, as it is and decoded. */
function whatWasSent({ url, headers, body }: SeenRequest): string {
  const basic = Buffer.from((headers["authorization"] ?? "").replace("Basic ", ""), "base64").toString("latin1");
  const query = [...url.searchParams.values()].join(" ");
  const form = [...new URLSearchParams(body).values()].join(" ");
  return [query, form, body, basic, headers["x-api-key"], headers["authorization"], url.search].join(" ");
}

const REPEATING: readonly ((said: string) => Answer)[] = [
  (said) => json({ error: "unauthorized", message: `Wrong: ${said}` }, { status: 401 }),
  (said) => json({ error: { message: said, code: said } }, { status: 403 }),
  (said) => json({ errors: [{ detail: said }], error: "invalid_grant", error_description: said }, { status: 400 }),
  (said) => text(JSON.stringify({ message: said }).replaceAll("/", String.raw`\/`), { status: 404 }),
  (said) =>
    text(`<html><body>${said.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;")}</body>`, {
      status: 404,
    }),
  (said) => text(Buffer.from(said).toString("hex"), { status: 400 }),
  (said) => text(`${" ".repeat(100)}${said}`),
  (said) => redirect(`/else?x=${encodeURIComponent(encodeURIComponent(said))}`),
  (said) => redirect(`http://${encodeURIComponent(said)}@127.0.0.1:1/${encodeURIComponent(said)}`),
];

function reading(name: string, requester: JsonObject): JsonObject {
  const stream = aStreamOf(name);
  const retriever = z.record(z.string(), z.json()).parse(stream["retriever"]);
  const usual = z.record(z.string(), z.json()).parse(retriever["requester"]);
  const { paginator: _one, ...others } = retriever;
  return { ...stream, retriever: { ...others, requester: { ...usual, ...requester } } };
}

function byKey(inject_into: string, field_name: string): JsonObject {
  return {
    type: "ApiKeyAuthenticator",
    api_token: "{{ config['api_key'] }}",
    inject_into: { type: "RequestOption", inject_into, field_name },
  };
}

const SECRET = { type: "string", airbyte_secret: true };

function manifest(): JsonObject {
  const oauth = {
    type: "OAuthAuthenticator",
    token_refresh_endpoint: "{{ config['url'] }}/token",
    client_id: "client",
    client_secret: "{{ config['client_secret'] }}",
    refresh_token: "{{ config['refresh_token'] }}",
    refresh_token_updater: { refresh_token_name: "refresh_token", refresh_token_config_path: ["refresh_token"] },
  };
  const session = {
    type: "SessionTokenAuthenticator",
    login_requester: {
      type: "HttpRequester",
      url_base: "{{ config['url'] }}",
      path: "/login",
      http_method: "POST",
      request_body_json: { user: "reader", password: "{{ config['password'] }}" },
    },
    session_token_path: ["token"],
    request_authentication: { type: "Bearer" },
  };
  const basic = { type: "BasicHttpAuthenticator", username: "reader", password: "{{ config['password'] }}" };
  return aManifest(
    [
      reading("by_header", { authenticator: byKey("header", "x-api-key") }),
      reading("by_query", { authenticator: byKey("request_parameter", "key") }),
      reading("by_basic", { authenticator: basic }),
      reading("by_bearer", {
        authenticator: { type: "BearerAuthenticator", api_token: "{{ config['client_secret'] }}" },
      }),
      reading("by_body", { http_method: "POST", request_body_json: { key: "{{ config['api_key'] }}" } }),
      reading("by_oauth", { authenticator: oauth }),
      reading("by_session", { authenticator: session }),
    ],
    {
      spec: {
        type: "Spec",
        connection_specification: {
          type: "object",
          required: ["url", "api_key"],
          properties: {
            url: { type: "string" },
            api_key: SECRET,
            client_secret: SECRET,
            refresh_token: SECRET,
            password: SECRET,
          },
        },
      },
    },
  );
}

test("what a manifest's secrets and tokens are is seen nowhere, however the API repeats them", async () => {
  const answers: string[] = [];
  const call = async (method: string, path: string, body?: unknown) => {
    const told = await sluice.call(method, path, body === undefined ? {} : { body });
    answers.push(told.text);
    return told;
  };
  expect((await call("POST", "/sources", { short_name: "secretive", manifest: manifest() })).status).toBe(200);
  const { id } = await connect(sluice, {
    short_name: "secretive",
    config: { url: upstream.url },
    credentials: {
      api_key: API_KEY,
      client_secret: CLIENT_SECRET,
      refresh_token: FIRST_REFRESH_TOKEN,
      password: PASSWORD,
    },
    sync_settings: { job_deadline_seconds: 1 },
  });
  expect(await runToEnd(sluice, id)).toMatchObject({ status: "COMPLETED", entities_inserted: 7 });
  const sent = upstream.requests.map(({ headers, url, body }) => JSON.stringify(headers) + url.href + body).join("\n");
  for (const secret of ["SECR3T-first", "client-SECR3T", "token-SECR3T", encodeURIComponent(API_KEY)])
    expect(sent).toContain(secret);

  for (const atSignIn of [false, true]) {
    for (const repeat of REPEATING) {
      misbehave = repeat;
      misbehavesAtSignIn = atSignIn;
      const job = await runToEnd(sluice, id, "?force_full_sync=true");
      expect(job.status).toBe("FAILED");
      for (const what of ["", "/log", "/events"]) await call("GET", `/source-connections/${id}/jobs/${job.id}${what}`);
      // The check is a read too, and its failure is shown.
      await call("PATCH", `/source-connections/${id}`, { config: { url: upstream.url } });
    }
  }
  misbehave = null;
  for (const path of ["", `/${id}`, `/${id}/jobs`, `/${id}/streams`, `/${id}/changes`, `/${id}/entities`]) {
    await call("GET", `/source-connections${path}`);
  }
  for (const path of ["/sources/secretive?include=manifest", "/webhooks/messages", "/collections"])
    await call("GET", path);
  answers.push(...(await pages(id)));
  expect(answers.some((each) => each.includes("[redacted]"))).toBe(true);

  const secrets = [API_KEY, CLIENT_SECRET, FIRST_REFRESH_TOKEN, PASSWORD, sluice.apiKey, ...issued];
  expect(issued.length).toBeGreaterThan(4);
  expectNoSecretIn("an answer", answers, secrets, ["reader", "client"]);
  expectNoSecretIn("the log", sluice.log, secrets, ["reader", "client"]);
  expectNoSecretIn("a file", contentsOf(sluice.stateDirectory), secrets, ["reader", "client"]);
});

/** The dashboard, as somebody sees it who signed in with the root key. */
async function pages(id: string): Promise<string[]> {
  const { address, apiKey } = sluice;
  const signedIn = await fetch(`${address}/sign-in`, {
    method: "POST",
    redirect: "manual",
    headers: { origin: address, "sec-fetch-site": "same-origin" },
    body: new URLSearchParams({ key: apiKey, next: "/" }),
  });
  expect(signedIn.status).toBe(303);
  const cookie = signedIn.headers
    .getSetCookie()
    .map((line) => line.split(";", 1)[0])
    .join("; ");
  const jobs = z
    .array(z.object({ id: z.string() }))
    .parse((await sluice.call("GET", `/source-connections/${id}/jobs`)).body);
  const connection = ["", "/settings", "/webhook", "/schedule", "/entities", "/changes"].map(
    (path) => `/connections/${id}${path}`,
  );
  const paths = [
    "/",
    "/sources",
    "/sources/secretive",
    "/sources/secretive/connect",
    "/sources/secretive/manifest",
    "/keys",
    "/webhooks",
    "/webhooks/messages",
  ];
  const all = [...paths, ...connection, ...jobs.map((job) => `/connections/${id}/jobs/${job.id}`)];
  return Promise.all(
    all.map(async (path) => {
      const page = await fetch(address + path, { headers: { cookie }, redirect: "manual" });
      expect({ path, status: page.status }).toEqual({ path, status: 200 });
      return JSON.stringify([...page.headers]) + (await page.text());
    }),
  );
}
