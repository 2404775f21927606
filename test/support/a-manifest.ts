import type { JsonObject } from "#core/json";

/** A stream of a manifest that reads `https://api.test/NAME`, a list of records under `data`. */
export function aStreamOf(name: string, overrides: JsonObject = {}): JsonObject {
  return {
    type: "DeclarativeStream",
    name,
    primary_key: "id",
    retriever: {
      type: "SimpleRetriever",
      requester: {
        type: "HttpRequester",
        url_base: "{{ config['url'] or 'https://api.test' }}",
        path: name,
        authenticator: { type: "BearerAuthenticator", api_token: "{{ config['api_key'] }}" },
      },
      record_selector: { type: "RecordSelector", extractor: { type: "DpathExtractor", field_path: ["data"] } },
      paginator: {
        type: "DefaultPaginator",
        page_token_option: { type: "RequestOption", inject_into: "request_parameter", field_name: "page" },
        pagination_strategy: { type: "PageIncrement", page_size: 10, start_from_page: 1 },
      },
    },
    ...overrides,
  };
}

const SPEC: JsonObject = {
  type: "Spec",
  connection_specification: {
    type: "object",
    required: ["api_key", "start_date"],
    properties: {
      api_key: { type: "string", title: "API key", airbyte_secret: true, order: 0 },
      start_date: { type: "string", pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", order: 1 },
      url: { type: "string", order: 2 },
    },
  },
};

/** A manifest with these streams, of which the first is read as the check. */
export function aManifest(streams: readonly JsonObject[], overrides: JsonObject = {}): JsonObject {
  return {
    version: "6.0.0",
    type: "DeclarativeSource",
    check: { type: "CheckStream", stream_names: streams.slice(0, 1).map(({ name }) => name ?? "") },
    streams: [...streams],
    spec: SPEC,
    ...overrides,
  };
}
