import { nameInBody } from "./known-name.ts";

/** Two lists below an address, of which the first is asked for when the connection is checked. */
export function seededManifest(address: string) {
  return {
    version: "6.0.0",
    type: "DeclarativeSource",
    check: { type: "CheckStream", stream_names: ["things"] },
    streams: [
      streamOf("things", address, "things"),
      streamOf("strange", address, "{{ config['strange'] or 'things' }}"),
    ],
    spec: {
      type: "Spec",
      connection_specification: {
        type: "object",
        properties: { strange: { type: "string" }, token: { type: "string", airbyte_secret: true } },
      },
    },
  };
}

function streamOf(name: string, url_base: string, path: string) {
  return {
    type: "DeclarativeStream",
    name,
    primary_key: "id",
    retriever: {
      type: "SimpleRetriever",
      requester: { type: "HttpRequester", url_base, path },
      record_selector: { type: "RecordSelector", extractor: { type: "DpathExtractor", field_path: [] } },
      paginator: {
        type: "DefaultPaginator",
        page_token_option: { type: "RequestOption", inject_into: "request_parameter", field_name: "after" },
        pagination_strategy: {
          type: "CursorPagination",
          page_size: 100,
          cursor_value: "{{ response['next'] }}",
          stop_condition: "{{ not response['next'] }}",
        },
      },
    },
  };
}

/** A job that gets nowhere ends soon. */
const BRIEF = { schedule: null, sync_settings: { job_deadline_seconds: 2 } };

/**
 * Connections to systems that answer at `address`, each as its source wants it.
 *
 * @param salt where their lists are hostile, in which of many ways; null where they are as they should be
 * @param custom which of the custom sources is meant, that of the owner or of the stranger
 */
export function sourceBodies(address: string, salt: number | null, custom = 0) {
  const folder = salt === null ? "" : `hostile/${salt}/`;
  return {
    couchdb: {
      ...BRIEF,
      short_name: "couchdb",
      config: { url: `${address}${folder}couch`, databases: ["db"] },
      authentication: { credentials: { username: "reader", password: "correct horse" } },
    },
    github: {
      ...BRIEF,
      short_name: "github",
      config: { api_url: `${address}${folder}github`, repositories: ["octo/one"] },
      authentication: { credentials: { personal_access_token: "ghp_0123456789" } },
    },
    manifest: {
      ...BRIEF,
      short_name: nameInBody({ kind: "short_name", index: custom }),
      config: salt === null ? {} : { strange: `${folder}things` },
      authentication: { credentials: { token: "token" } },
    },
  };
}
