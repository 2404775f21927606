import { createServer, type ServerResponse } from "node:http";

import type { Stage } from "./stage.ts";

export interface OddUpstream {
  /** A connection to one of its databases: `large`, or `huge`. */
  connect(stage: Stage, database: string): Promise<string>;
  close(): Promise<void>;
}

const HUGE_BYTES = 50_000_000;
const document = (id: string, bytes: number) => ({
  id,
  seq: 1,
  changes: [{ rev: "1-a" }],
  doc: { _id: id, _rev: "1-a", text: "x".repeat(bytes) },
});

/** A CouchDB with three documents, of which one is as large as can be stored and one larger; and one with a page of 50 MB. */
export async function serveOddities(): Promise<OddUpstream> {
  const large = [document("small", 10), document("near-the-limit", 1_900_000), document("too-large", 2_100_000)];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://upstream");
    const [, database = "", view] = url.pathname.split("/");
    response.setHeader("content-type", "application/json");
    if (view === undefined) response.end(JSON.stringify({ db_name: database }));
    else if (database === "huge") sendHuge(response, url.searchParams.get("include_docs") === "true");
    else response.end(JSON.stringify({ results: large, last_seq: 1, pending: 0 }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  const address = `http://127.0.0.1:${typeof bound === "object" && bound !== null ? bound.port : 0}`;
  return {
    async connect({ client }, database) {
      const connection = await client.connections.create({
        name: `Odd ${database}`,
        short_name: "couchdb",
        readable_collection_id: "default",
        config: { url: address, databases: [database] },
        credentials: { anonymous: true },
        sync_immediately: false,
        schedule: null,
      });
      return connection.id;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Whatever the limit asked for is: one document that is too large by itself. */
function sendHuge(response: ServerResponse, includeDocs: boolean): void {
  const results = [{ ...document("huge", includeDocs ? HUGE_BYTES : 0) }];
  response.end(JSON.stringify({ results, last_seq: 1, pending: 0 }));
}
