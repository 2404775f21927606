import type { JsonObject } from "#core/json";

/** The stream of the manifest that is little more than a list of pages. */
export const PLAIN = "plain";
/** The one with what many streams have besides: a cursor, a filter, a field added and one removed. */
export const BUSY = "busy";

/** A manifest of two streams that read the benchmark's upstream, or of the plain one only. */
export function benchManifest(address: string, pageSize: number, { isPlain = false } = {}): JsonObject {
  const plain = {
    type: "DeclarativeStream",
    name: PLAIN,
    primary_key: "id",
    schema_loader: { type: "InlineSchemaLoader", schema: { type: "object", properties: {} } },
    retriever: {
      type: "SimpleRetriever",
      requester: {
        type: "HttpRequester",
        url_base: address,
        path: "/records",
        http_method: "GET",
        authenticator: { type: "BearerAuthenticator", api_token: "{{ config['token'] }}" },
      },
      record_selector: { type: "RecordSelector", extractor: { type: "DpathExtractor", field_path: ["records"] } },
      paginator: {
        type: "DefaultPaginator",
        page_token_option: { type: "RequestOption", inject_into: "request_parameter", field_name: "after" },
        page_size_option: { type: "RequestOption", inject_into: "request_parameter", field_name: "limit" },
        pagination_strategy: {
          type: "CursorPagination",
          page_size: pageSize,
          cursor_value: "{{ response['next'] }}",
          stop_condition: "{{ not response['has_more'] }}",
        },
      },
    },
  };
  const busy = {
    ...plain,
    name: BUSY,
    retriever: {
      ...plain.retriever,
      record_selector: {
        ...plain.retriever.record_selector,
        record_filter: { type: "RecordFilter", condition: "{{ record['status'] != 'deleted' }}" },
      },
    },
    transformations: [
      {
        type: "AddFields",
        fields: [{ type: "AddedFieldDefinition", path: ["label"], value: "{{ record['status'] }}-{{ record['id'] }}" }],
      },
      { type: "RemoveFields", field_pointers: [["note"]] },
    ],
    incremental_sync: {
      type: "DatetimeBasedCursor",
      cursor_field: "updated_at",
      datetime_format: "%Y-%m-%dT%H:%M:%SZ",
      start_datetime: "2026-01-01T00:00:00Z",
      start_time_option: { type: "RequestOption", inject_into: "request_parameter", field_name: "since" },
    },
  };
  return {
    version: "7.0.0",
    type: "DeclarativeSource",
    check: { type: "CheckStream", stream_names: [PLAIN] },
    streams: isPlain ? [plain] : [plain, busy],
    spec: {
      type: "Spec",
      connection_specification: {
        type: "object",
        required: ["token"],
        properties: { token: { type: "string", airbyte_secret: true } },
      },
    },
  };
}
