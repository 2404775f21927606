import type { JsonObject } from "#core/json";

const RETRIEVER: JsonObject = {
  type: "SimpleRetriever",
  requester: {
    type: "HttpRequester",
    url_base: "{{ config['url'] }}",
    authenticator: {
      type: "OAuthAuthenticator",
      token_refresh_endpoint: "{{ config['url'] }}/token",
      client_id: "sluice",
      client_secret: "{{ config['client_secret'] }}",
      refresh_token: "{{ config['refresh_token'] }}",
    },
  },
  record_selector: { type: "RecordSelector", extractor: { type: "DpathExtractor", field_path: ["data"] } },
  paginator: {
    type: "DefaultPaginator",
    page_token_option: { type: "RequestOption", inject_into: "request_parameter", field_name: "page" },
    pagination_strategy: { type: "PageIncrement", page_size: 10, start_from_page: 1 },
  },
};

/** A stream of the rows at this path. */
function aStream(name: string, parts: JsonObject): JsonObject {
  return { type: "DeclarativeStream", name, retriever: RETRIEVER, $parameters: { path: name }, ...parts };
}

/** What reads a Crm: companies whole, people by when they changed, and notes, which have no key. */
export const CRM_MANIFEST: JsonObject = {
  version: "6.0.0",
  type: "DeclarativeSource",
  metadata: { name: "Customers", description: "Whom we know.", labels: ["CRM"] },
  check: { type: "CheckStream", stream_names: ["companies"] },
  streams: [
    aStream("companies", { primary_key: "id" }),
    aStream("people", {
      primary_key: "id",
      incremental_sync: {
        type: "DatetimeBasedCursor",
        cursor_field: "updated_at",
        datetime_format: "%Y-%m-%dT%H:%M:%SZ",
        start_datetime: "2026-01-01T00:00:00Z",
        start_time_option: { type: "RequestOption", inject_into: "request_parameter", field_name: "since" },
      },
    }),
    aStream("notes", {}),
  ],
  spec: {
    type: "Spec",
    connection_specification: {
      type: "object",
      required: ["url", "client_secret", "refresh_token"],
      properties: {
        url: { type: "string", order: 0 },
        client_secret: { type: "string", airbyte_secret: true, order: 1 },
        refresh_token: { type: "string", airbyte_secret: true, order: 2 },
      },
    },
  },
};

export const CRM_SOURCE = "our-crm";

/** The credentials of every connection to a Crm: the refresh token is the first that there ever was. */
export const CRM_CREDENTIALS = { client_secret: "client-secret", refresh_token: "refresh-0" };
