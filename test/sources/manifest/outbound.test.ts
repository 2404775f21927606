import { expect, test } from "vitest";

import type { JsonObject } from "#core/json";
import { createSourceHttp } from "#sources/http-client";
import { compileManifest } from "#sources/manifest/compile";
import { openManifest } from "#sources/manifest/manifest-source";
import { MemoryKeepsakes } from "#sources/memory-keepsakes";
import { SourceFailure } from "#sources/source";
import { aManifest } from "#test/support/a-manifest";

/*
 * Every place from which a manifest takes an address, and one that only the Worker could reach in each: the API at
 * api.example.com answers whatever leads there, and nothing but api.example.com may ever be asked.
 */

const API = "https://api.example.com";

/** The notations that a source may try; the guard's own tests have the others. */
const PRIVATE = [
  "http://169.254.169.254/latest/meta-data",
  "https://[::ffff:a9fe:a9fe]/x",
  "https://2852039166/x",
  "https://0xa9.0376.43518/x",
  "https://metadata.google.internal/x",
  "https://127.0.0.1.nip.io/x",
  "https://[fd00:ec2::254]/x",
];

interface Place {
  readonly stream: JsonObject;
  readonly manifest?: JsonObject;
  /** What the API answers; a string is where it redirects to. */
  readonly answers: Readonly<Record<string, JsonObject | string>>;
  /** Asked of the API before the private address comes up. */
  readonly asked: readonly string[];
}

const requester = (fields: JsonObject): JsonObject => ({ type: "HttpRequester", url_base: API, path: "/x", ...fields });
const dpath = (...field_path: string[]): JsonObject => ({ type: "DpathExtractor", field_path });
const simple = (fields: JsonObject, retriever: JsonObject = {}): JsonObject => ({
  type: "DeclarativeStream",
  name: "things",
  primary_key: "id",
  retriever: {
    type: "SimpleRetriever",
    requester: requester(fields),
    record_selector: { type: "RecordSelector", extractor: dpath("items") },
    ...retriever,
  },
});
const nextPage = (url: string): JsonObject => ({ items: [{ id: 1 }], next: url });
const following = (page_token_option: JsonObject): JsonObject => ({
  paginator: {
    type: "DefaultPaginator",
    page_token_option,
    pagination_strategy: { type: "CursorPagination", cursor_value: "{{ response['next'] }}" },
  },
});
const asyncStream = (polling: JsonObject, download: JsonObject): JsonObject => ({
  type: "DeclarativeStream",
  name: "things",
  primary_key: "id",
  retriever: {
    type: "AsyncRetriever",
    record_selector: { type: "RecordSelector", extractor: dpath() },
    status_mapping: {
      type: "AsyncJobStatusMap",
      running: ["running"],
      completed: ["done"],
      failed: ["failed"],
      timeout: ["timeout"],
    },
    status_extractor: dpath("status"),
    download_target_extractor: dpath("urls"),
    creation_requester: requester({ path: "/jobs", http_method: "POST" }),
    polling_requester: requester({ path: "/jobs/1", ...polling }),
    download_requester: requester({ path: "", url_base: "{{ download_target }}", ...download }),
  },
});

const PLACES: Readonly<Record<string, (url: string) => Place>> = {
  "its base address": (url) => ({ stream: simple({ url_base: url }), answers: {}, asked: [] }),
  "a base address that the config brings": () => ({
    stream: simple({ url_base: "{{ config['url'] }}" }),
    answers: {},
    asked: [],
  }),
  "the next page's link": (url) => ({
    stream: simple({}, following({ type: "RequestPath" })),
    answers: { "/x": nextPage(url) },
    asked: ["/x"],
  }),
  "a redirect": (url) => ({ stream: simple({}), answers: { "/x": url }, asked: ["/x"] }),
  "a redirect of a redirect": (url) => ({
    stream: simple({}),
    answers: { "/x": `${API}/y`, "/y": url },
    asked: ["/x", "/y"],
  }),
  "a parent's record": (url) => ({
    stream: simple(
      { url_base: "{{ stream_partition['at'] }}", path: "" },
      {
        partition_router: {
          type: "SubstreamPartitionRouter",
          parent_stream_configs: [
            {
              type: "ParentStreamConfig",
              stream: { ...simple({ path: "/parents" }), name: "parents" },
              parent_key: "url",
              partition_field: "at",
            },
          ],
        },
      },
    ),
    answers: { "/parents": { items: [{ id: 1, url }] } },
    asked: ["/parents"],
  }),
  "its token endpoint": (url) => ({
    stream: simple({
      authenticator: {
        type: "OAuthAuthenticator",
        token_refresh_endpoint: url,
        client_id: "id",
        client_secret: "secret",
        grant_type: "client_credentials",
      },
    }),
    answers: {},
    asked: [],
  }),
  "a redirect of its token endpoint": (url) => ({
    stream: simple({
      authenticator: {
        type: "OAuthAuthenticator",
        token_refresh_endpoint: `${API}/token`,
        client_id: "id",
        client_secret: "secret",
        grant_type: "client_credentials",
      },
    }),
    answers: { "/token": url },
    asked: ["/token"],
  }),
  "where it signs in": (url) => ({
    stream: simple({
      authenticator: {
        type: "SessionTokenAuthenticator",
        login_requester: requester({ url_base: url, path: "/login", http_method: "POST" }),
        session_token_path: ["token"],
        request_authentication: { type: "Bearer" },
      },
    }),
    answers: {},
    asked: [],
  }),
  "where it signs in, the old way": (url) => ({
    stream: simple({
      authenticator: {
        type: "LegacySessionTokenAuthenticator",
        header: "X-Session",
        login_url: "login",
        username: "reader",
        password: "secret",
        session_token: "",
        session_token_response_key: "id",
        validate_session_url: "me",
      },
      url_base: url,
    }),
    answers: {},
    asked: [],
  }),
  "where its tokens' quotas are told": (url) => ({
    stream: simple({
      authenticator: {
        type: "RateLimitedMultipleTokenAuthenticator",
        tokens: ["one", "two"],
        quota_status_source: { type: "QuotaStatusSource", url },
        quotas: [{ type: "TokenQuota", name: "core", remaining_path: ["left"], reset_path: ["reset"] }],
      },
    }),
    answers: {},
    asked: [],
  }),
  "where an asynchronous job is looked after": (url) => ({
    stream: asyncStream({ url_base: "{{ creation_response['at'] }}", path: "" }, {}),
    answers: { "/jobs": { id: 1, at: url } },
    asked: ["/jobs"],
  }),
  "where an asynchronous job's result is": (url) => ({
    stream: asyncStream({}, {}),
    answers: { "/jobs": { id: 1 }, "/jobs/1": { status: "done", urls: [url] } },
    asked: ["/jobs", "/jobs/1"],
  }),
  "where its streams are listed": (url) => ({
    stream: simple({}),
    manifest: {
      dynamic_streams: [
        {
          type: "DynamicDeclarativeStream",
          stream_template: { ...simple({}), name: "listed" },
          components_resolver: {
            type: "HttpComponentsResolver",
            retriever: simple({ url_base: url })["retriever"] ?? {},
            components_mapping: [
              {
                type: "ComponentMappingDefinition",
                field_path: ["name"],
                value: "{{ components_values['name'] }}",
              },
            ],
          },
        },
      ],
    },
    answers: {},
    asked: [],
  }),
  "where properties are listed": (url) => ({
    stream: simple({
      request_parameters: {},
      query_properties: {
        type: "QueryProperties",
        property_list: {
          type: "PropertiesFromEndpoint",
          property_field_path: ["name"],
          retriever: simple({ url_base: url })["retriever"] ?? {},
        },
      },
    }),
    answers: {},
    asked: [],
  }),
};

test.each(Object.entries(PLACES))(
  "a private address is not asked where this leads to one: %s; and the read says so",
  async (_name, place) => {
    for (const url of PRIVATE) {
      const { sent, failure } = await readFrom(place(url), url);
      const { asked } = place(url);
      expect({ url, sent }).toEqual({ url, sent: asked.map((path) => API + path) });
      expect(failure).toBeInstanceOf(SourceFailure);
      expect(String(failure)).toMatch(/was not sent|from https to http/);
    }
  },
);

/** Reads the stream from an API that gives these answers; tells what was asked of anyone. */
async function readFrom({ stream, manifest, answers }: Place, url: string) {
  const sent: string[] = [];
  const http = createSourceHttp({
    fetch: async (address) => {
      sent.push(address);
      const answer = address.startsWith(`${API}/`) ? answers[new URL(address).pathname] : undefined;
      if (typeof answer !== "string") return Response.json(answer ?? {});
      return new Response(null, { status: 302, headers: { location: answer } });
    },
    signal: new AbortController().signal,
    now: () => 0,
    allowPrivate: false,
    secrets: [],
    maxResponseBytes: 1_000_000,
    requestTimeoutMs: 10_000,
  });
  const source = openManifest(compileManifest(aManifest([stream], manifest)), {
    config: { url, start_date: "2026-01-01" },
    credentials: { api_key: "key" },
    http,
    keepsakes: new MemoryKeepsakes(),
    now: () => 0,
  });
  const failure = await readAll(source).catch((error: unknown) => error);
  return { sent, failure };
}

async function readAll(source: ReturnType<typeof openManifest>): Promise<void> {
  await source.streams();
  for await (const page of source.read({ stream: "things", cursor: null, checkpoint: null, attempts: 0 })) {
    if (page.end !== null) return;
  }
}
