import { describe, expect, test } from "vitest";

import { SourceFailure } from "#sources/source";
import { createSourceHttp } from "#sources/http-client";
import { compileResolved, resolveManifest } from "#sources/manifest/compile";
import { ManifestError } from "#sources/manifest/document/manifest-error";
import { parseDocument } from "#sources/manifest/document/parse-document";
import { openManifest } from "#sources/manifest/manifest-source";
import { manifestWarnings } from "#sources/manifest/warnings";
import { MemoryKeepsakes } from "#sources/memory-keepsakes";

/** A manifest that is right, to be broken. */
const SOUND = `
version: 6.1.0
type: DeclarativeSource
check:
  type: CheckStream
  stream_names: [customers]
definitions:
  requester:
    type: HttpRequester
    url_base: https://api.example.com
    authenticator:
      type: BearerAuthenticator
      api_token: "{{ config['api_key'] }}"
  selector:
    type: RecordSelector
    extractor:
      type: DpathExtractor
      field_path: [data]
  paginator:
    type: DefaultPaginator
    page_token_option:
      type: RequestOption
      inject_into: request_parameter
      field_name: page
    page_size_option:
      type: RequestOption
      inject_into: request_parameter
      field_name: per_page
    pagination_strategy:
      type: PageIncrement
      page_size: 2
  customers:
    type: DeclarativeStream
    name: customers
    primary_key: id
    retriever:
      type: SimpleRetriever
      requester:
        $ref: "#/definitions/requester"
        path: /customers
        http_method: GET
      record_selector:
        $ref: "#/definitions/selector"
      paginator:
        $ref: "#/definitions/paginator"
    incremental_sync:
      type: DatetimeBasedCursor
      cursor_field: updated_at
      datetime_format: "%Y-%m-%dT%H:%M:%SZ"
      start_datetime:
        type: MinMaxDatetime
        datetime: "{{ config['start_date'] }}"
        datetime_format: "%Y-%m-%dT%H:%M:%SZ"
      start_time_option:
        type: RequestOption
        inject_into: request_parameter
        field_name: since
    transformations:
      - type: AddFields
        fields:
          - path: [label]
            value: "{{ record['name'] | upper }}"
    schema_loader:
      type: InlineSchemaLoader
      schema:
        type: object
        properties:
          id: {type: integer}
  orders:
    type: DeclarativeStream
    name: orders
    primary_key: [id]
    retriever:
      type: SimpleRetriever
      requester:
        $ref: "#/definitions/requester"
        path: "/customers/{{ stream_partition.customer }}/orders"
        error_handler:
          type: DefaultErrorHandler
          response_filters:
            - type: HttpResponseFilter
              http_codes: [404]
              action: IGNORE
          backoff_strategies:
            - type: WaitTimeFromHeader
              header: Retry-After
      record_selector:
        $ref: "#/definitions/selector"
      partition_router:
        type: SubstreamPartitionRouter
        parent_stream_configs:
          - type: ParentStreamConfig
            parent_key: id
            partition_field: customer
            stream:
              $ref: "#/definitions/customers"
streams:
  - $ref: "#/definitions/customers"
  - $ref: "#/definitions/orders"
spec:
  type: Spec
  connection_specification:
    type: object
    required: [api_key]
    properties:
      api_key: {type: string, airbyte_secret: true}
      start_date: {type: string}
`;

interface Told {
  /** What is wrong, of the whole or of a stream, as `path: message`. */
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

function told(text: string): Told {
  let warnings: readonly string[] = [];
  try {
    const document = parseDocument(text);
    const resolved = resolveManifest(document);
    warnings = manifestWarnings(document, resolved).map(({ path, message }) => `${path.join(".")}: ${message}`);
    const findings = compileResolved(resolved).streams.flatMap((stream) => stream.findings);
    return { problems: findings.map(({ path, message }) => `${path.join(".")}: ${message}`), warnings };
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    return { problems: error.message.split("\n"), warnings };
  }
}

/** The sound manifest with one passage, the first of its kind, replaced. */
function broken(passage: string, replacement: string): Told {
  expect(SOUND).toContain(passage);
  return told(SOUND.replace(passage, () => replacement));
}

test("a body of a POST is nothing to warn of", () => {
  const { warnings } = told(
    SOUND.replace("http_method: GET", "http_method: POST\n        request_body_json: { active: true }"),
  );
  expect(warnings).toEqual([]);
});

test("a template that calls what is data stands for its own text, as with the Python CDK, and is no problem", () => {
  expect(broken("{{ config['start_date'] }}", "{{ config() }}").problems).toEqual([]);
});

test("the manifest that is broken below is sound", () => {
  expect(told(SOUND)).toEqual({ problems: [], warnings: [] });
});

const PROBLEMS: readonly (readonly [string, string, string, string])[] = [
  [
    "wrong indentation",
    "    name: customers\n",
    "   name: customers\n",
    "Line 34, column 1: All mapping items must start at the same column.",
  ],
  ["a tab", "    name: customers\n", "\tname: customers\n", "Line 34, column 1: Tabs are not allowed as indentation."],
  ["an unclosed quote", "field_name: since", 'field_name: "since', 'Line 57, column 27: Missing closing "quote.'],
  [
    "a key twice",
    "    name: customers\n",
    "    name: customers\n    name: clients\n",
    'Line 35, column 5: The key "name" is twice in one object.',
  ],
  [
    "a dangling reference",
    'paginator:\n        $ref: "#/definitions/paginator"',
    'paginator:\n        $ref: "#/definitions/paginater"',
    "definitions.customers.retriever.paginator.$ref: The reference #/definitions/paginater leads nowhere: there is no such place in the manifest.",
  ],
  [
    "a circular reference",
    "  selector:\n    type",
    '  selector:\n    $ref: "#/definitions/selector"\n    type',
    "definitions.selector.$ref.$ref: The reference #/definitions/selector leads back to itself.",
  ],
  [
    "a reference into a file",
    'paginator:\n        $ref: "#/definitions/paginator"',
    "paginator:\n        $ref: paginator.yaml",
    'streams.0.retriever.paginator: "paginator.yaml" is a text (a "$ref" begins with "#/"): expected a paginator, an object with a "type", one of NoPagination, DefaultPaginator.',
  ],
  [
    "an unknown type",
    "    type: DefaultPaginator",
    "    type: DefaultPaginater",
    "streams.0.retriever.paginator: DefaultPaginater is not known as a paginator here (did you mean DefaultPaginator?): use one of NoPagination, DefaultPaginator.",
  ],
  [
    "a required field left out",
    "      cursor_field: updated_at\n",
    "",
    "streams.0.incremental_sync.cursor_field: Required: expected a text.",
  ],
  [
    "a required component left out",
    '      record_selector:\n        $ref: "#/definitions/selector"\n      paginator',
    "      paginator",
    'streams.0.retriever.record_selector: Required: expected a record selector, an object with a "type", one of RecordSelector.',
  ],
  [
    "a text for a list",
    "field_path: [data]",
    "field_path: data",
    "streams.0.retriever.record_selector.extractor.field_path: Expected a list, and this is a text.",
  ],
  [
    "a text for a number",
    "http_codes: [404]",
    "http_codes: ['404']",
    "streams.1.retriever.requester.error_handler.response_filters.0.http_codes.0: Expected a number, and this is a text.",
  ],
  [
    "a value that is not one of several",
    "http_method: GET",
    "http_method: FETCH",
    "streams.0.retriever.requester.http_method: Expected one of GET, POST, PUT, PATCH, DELETE.",
  ],
  [
    "an unknown action",
    "action: IGNORE",
    "action: ignore",
    "streams.1.retriever.requester.error_handler.response_filters.0.action: ignore is no action: use one of SUCCESS, FAIL, RETRY, IGNORE, RESET_PAGINATION, RATE_LIMITED, REFRESH_TOKEN_THEN_RETRY.",
  ],
  [
    "a primary key of another form",
    "primary_key: id",
    "primary_key: {field: id}",
    "streams.0.primary_key: Expected a text, and this is an object.",
  ],
  [
    "a page size in words",
    "page_size: 2\n",
    "page_size: ten\n",
    "streams.0.retriever.paginator.pagination_strategy.page_size: Expected a whole number, or a template of one.",
  ],
  [
    "a duration in words",
    "      start_datetime:\n",
    "      step: 30 days\n      cursor_granularity: PT1S\n      start_datetime:\n",
    "streams.0.incremental_sync.step: '30 days' is not an ISO 8601 duration: expected one such as P1D, P1M, PT1H or PT0.001S.",
  ],
  [
    "a step without its granularity",
    "      start_datetime:\n",
    "      step: P1D\n      start_datetime:\n",
    'streams.0.incremental_sync.cursor_granularity: Required together with step, such as "PT1S".',
  ],
  [
    "a template that is cut off",
    "{{ config['api_key'] }}",
    "{{ config['api_key']",
    "streams.0.retriever.requester.authenticator.api_token: The template \"{{ config['api_key']\" is wrong at line 1, column 21: the tag has no end: expected }}.",
  ],
  [
    "a call of a function that there is not",
    "{{ config['start_date'] }}",
    "{{ now_uct() }}",
    "streams.0.incremental_sync.start_datetime.datetime: The template \"{{ now_uct() }}\" is wrong at line 1, column 4: there is no function 'now_uct': did you mean 'now_utc'? There are camel_case_to_snake_case, day_delta, dict, duration, format_datetime, generate_uuid, max, min, namespace, now_utc, sanitize_url, str_to_datetime, timestamp, today_utc, today_with_timezone.",
  ],
  ["no name", "    name: customers\n", "", "streams.0.name: Required: the name of the stream."],
  [
    "two streams of one name",
    '- $ref: "#/definitions/orders"',
    '- $ref: "#/definitions/customers"',
    'streams.1.name: There are two streams with the name "customers".',
  ],
  [
    "streams as an object",
    'streams:\n  - $ref: "#/definitions/customers"\n  - $ref: "#/definitions/orders"',
    'streams:\n  customers: "#/definitions/customers"',
    "streams: Expected a list, and this is an object.",
  ],
  ["no streams", "\nstreams:", "\nstream:", "streams: A manifest needs at least one stream."],
  [
    "a check that is none",
    "stream_names: [customers]",
    "stream_names: customers",
    "check.stream_names: Expected a list, and this is a text.",
  ],
  [
    "a component in Python",
    "type: DefaultPaginator",
    "type: CustomPaginator\n    class_name: source_x.Pages",
    "streams.0.retriever.paginator: CustomPaginator source_x.Pages needs Python code, which Sluice does not run.",
  ],
];

test.each(PROBLEMS)("%s is told with its place and what was expected", (_name, passage, replacement, problem) => {
  expect(broken(passage, replacement).problems[0]).toBe(problem);
});

const WARNINGS: readonly (readonly [string, string, string, string])[] = [
  [
    "a type in the spec that JSON does not have",
    "start_date: {type: string}",
    "start_date: {type: [strng, 'null']}",
    'spec.connection_specification.properties.start_date.type: JSON has no type "strng" (did you mean string?): expected string, integer, number, boolean, array, object or null. No value is of another.',
  ],
  [
    "a type of an alternative in the spec",
    "start_date: {type: string}",
    "start_date: {oneOf: [{type: string}, {type: object, properties: {type: {type: date}}}]}",
    'spec.connection_specification.properties.start_date.oneOf.1.properties.type.type: JSON has no type "date": expected string, integer, number, boolean, array, object or null. No value is of another.',
  ],
  [
    "a misspelt field",
    "http_method: GET",
    "http_methd: POST",
    "streams.0.retriever.requester.http_methd: HttpRequester has no field of that name: did you mean http_method?",
  ],
  [
    "a misspelt field that is required",
    "api_token:",
    "api_tokn:",
    "streams.0.retriever.requester.authenticator.api_tokn: BearerAuthenticator has no field of that name: did you mean api_token?",
  ],
  [
    "a field one level too high",
    '      paginator:\n        $ref: "#/definitions/paginator"',
    '    paginator:\n      $ref: "#/definitions/paginator"',
    "streams.0.paginator: DeclarativeStream has no field of that name: it is ignored",
  ],
  [
    "misspelt streams",
    "\nstreams:",
    "\nstream:",
    "stream: A manifest has no field of that name: did you mean streams?",
  ],
  [
    "a check of a stream that there is not",
    "stream_names: [customers]",
    "stream_names: [customer]",
    'check.stream_names.0: There is no stream "customer" (did you mean customers?): connections could not be checked.',
  ],
  [
    "a page size option without a page size",
    "      page_size: 2\n",
    "",
    "streams.0.retriever.paginator.page_size_option: There is nothing to send: give the pagination_strategy a page_size, or remove the option.",
  ],
  [
    "another language's datetime format",
    'datetime_format: "%Y-%m-%dT%H:%M:%SZ"\n      start',
    'datetime_format: "YYYY-MM-DD"\n      start',
    'streams.0.incremental_sync.datetime_format: "YYYY-MM-DD" has no directives: expected a format such as %Y-%m-%dT%H:%M:%SZ.',
  ],
  [
    "a datetime in another format than the cursor's",
    `start_datetime:
        type: MinMaxDatetime
        datetime: "{{ config['start_date'] }}"
        datetime_format: "%Y-%m-%dT%H:%M:%SZ"`,
    'start_datetime: "01.01.2026"',
    'streams.0.incremental_sync.start_datetime: "01.01.2026" does not read as %Y-%m-%dT%H:%M:%SZ: no read could begin.',
  ],
  [
    "a directive that there is not",
    `datetime: "{{ config['start_date'] }}"
        datetime_format: "%Y-%m-%dT%H:%M:%SZ"`,
    `datetime: "2026-01-01"
        datetime_format: "%Y-%m-%Q"`,
    'streams.0.incremental_sync.start_datetime.datetime: "2026-01-01" does not read as %Y-%m-%Q: no read could begin.',
  ],
  [
    "a config key that the spec lacks",
    "config['api_key']",
    "config['apikey']",
    'streams.0.retriever.requester.authenticator.api_token: config["apikey"] is not in the spec\'s connection_specification (did you mean api_key?): no connection can set it.',
  ],
  [
    "a body of a GET",
    "http_method: GET",
    "http_method: GET\n        request_body_json: { active: true }",
    "streams.0.retriever.requester.request_body_json: A Worker sends a GET without a body, so this is left out. If the API needs it, give it as request_parameters, or use another http_method.",
  ],
  [
    "a page token in the body of a GET",
    "inject_into: request_parameter\n      field_name: page\n",
    "inject_into: body_json\n      field_name: page\n",
    "streams.0.retriever.paginator.page_token_option.inject_into: A Worker sends a GET without a body, so this is left out. If the API needs it, give it as request_parameters, or use another http_method.",
  ],
  [
    "a cursor in the body of a GET",
    "inject_into: request_parameter\n        field_name: since",
    "inject_into: body_data\n        field_name: since",
    "streams.0.incremental_sync.start_time_option.inject_into: A Worker sends a GET without a body, so this is left out. If the API needs it, give it as request_parameters, or use another http_method.",
  ],
];

test.each(WARNINGS)("%s is warned of, once", (_name, passage, replacement, warning) => {
  const { warnings } = broken(passage, replacement);
  expect(warnings.filter((one) => one === warning)).toHaveLength(1);
});

const NOW = Date.UTC(2024, 1, 1);

function open(text: string) {
  const http = createSourceHttp({
    fetch: () => Promise.reject(new Error("Nothing is asked for.")),
    signal: new AbortController().signal,
    now: () => NOW,
    allowPrivate: true,
    secrets: ["sk-secret-token"],
    maxResponseBytes: 1_000,
    requestTimeoutMs: 1_000,
  });
  return openManifest(compileResolved(resolveManifest(parseDocument(text))), {
    config: { start_date: "2024-01-01T00:00:00Z" },
    credentials: { api_key: "sk-secret-token" },
    http,
    keepsakes: new MemoryKeepsakes(),
    now: () => NOW,
  });
}

describe("a failure of a template", () => {
  test.each([
    "{{ {}[config['api_key']].x }}",
    "{{ format_datetime(config['api_key'], '%Y') }}",
    "{{ 'a' | hash(config['api_key']) }}",
    "{{ 'a' | regex_search(config['api_key'] ~ '(') }}",
  ])("does not show a credential: %s", async (template) => {
    const source = open(SOUND.replace("{{ config['api_key'] }}", () => template));
    const read = async () => {
      for await (const page of source.read({ stream: "customers", cursor: null, checkpoint: null })) void page;
    };
    const failure: unknown = await read().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(SourceFailure);
    expect(String(failure)).toContain("[redacted]");
    expect(String(failure)).not.toContain("sk-secret-token");
  });
});
