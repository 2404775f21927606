import { createServer, type ServerResponse } from "node:http";

import type { JsonObject } from "#core/json";
import { CREDENTIALS } from "./stage.ts";

export interface OddUpstream {
  /** Of a CouchDB with two databases: `large`, and `boulders`. */
  readonly address: string;
  /** Of an API with one page, of which no less can be had. */
  readonly manifest: JsonObject;
  /** That page has 50 MB from now on: who looks whether the API can be read finds a small one. */
  grow(): void;
  close(): Promise<void>;
}

/** The most that is read at once by default (README, "Configuration"). */
export const MAX_RESPONSE_BYTES = 8_000_000;

const HUGE_BYTES = 50_000_000;
const RECORD_BYTES = 1_000;
const AUTHORIZATION = `Basic ${Buffer.from(`${CREDENTIALS.username}:${CREDENTIALS.password}`).toString("base64")}`;

const document = (id: string, bytes: number) => ({
  id,
  seq: 1,
  changes: [{ rev: "1-a" }],
  doc: { _id: id, _rev: "1-a", text: "x".repeat(bytes) },
});

/**
 * `large` has three documents, of which one is as large as can be stored and one larger; `boulders` one of 50 MB; and
 * beside them there is a page of 50 MB of small records.
 */
export async function serveOddities(): Promise<OddUpstream> {
  const large = [document("small", 10), document("near-the-limit", 1_900_000), document("too-large", 2_100_000)];
  let recordsOnPage = 1;
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://upstream");
    const [, database = "", view] = url.pathname.split("/");
    response.setHeader("content-type", "application/json");
    if (database === "pages") sendPage(response, recordsOnPage);
    else if (request.headers.authorization !== AUTHORIZATION) response.writeHead(401).end();
    else if (view === undefined) response.end(JSON.stringify({ db_name: database }));
    else if (database === "boulders") sendBoulder(response, url.searchParams.get("include_docs") === "true");
    else response.end(JSON.stringify({ results: large, last_seq: 1, pending: 0 }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  const address = `http://127.0.0.1:${typeof bound === "object" && bound !== null ? bound.port : 0}`;
  return {
    address,
    manifest: manifestOf(address),
    grow: () => (recordsOnPage = HUGE_BYTES / RECORD_BYTES),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Whatever the limit asked for is: one document that is too large by itself. */
function sendBoulder(response: ServerResponse, includeDocs: boolean): void {
  const results = [{ ...document("boulder", includeDocs ? HUGE_BYTES : 0) }];
  response.end(JSON.stringify({ results, last_seq: 1, pending: 0 }));
}

function sendPage(response: ServerResponse, length: number): void {
  const text = "x".repeat(RECORD_BYTES);
  const records = Array.from({ length }, (_, id) => ({ id, text }));
  response.end(JSON.stringify({ records }));
}

function manifestOf(address: string): JsonObject {
  const records = {
    type: "DeclarativeStream",
    name: "records",
    primary_key: "id",
    schema_loader: { type: "InlineSchemaLoader", schema: { type: "object", properties: {} } },
    retriever: {
      type: "SimpleRetriever",
      requester: { type: "HttpRequester", url_base: address, path: "/pages", http_method: "GET" },
      record_selector: { type: "RecordSelector", extractor: { type: "DpathExtractor", field_path: ["records"] } },
    },
  };
  return {
    version: "7.0.0",
    type: "DeclarativeSource",
    check: { type: "CheckStream", stream_names: ["records"] },
    streams: [records],
    spec: { type: "Spec", connection_specification: { type: "object", properties: {} } },
  };
}
