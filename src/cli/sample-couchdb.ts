import { once } from "node:events";
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";

import { LOOPBACK } from "./port.ts";
import type { SampleDatabase } from "./sample-database.ts";

export interface SampleCouchDbOptions {
  readonly databases: readonly SampleDatabase[];
  readonly username: string;
  readonly password: string;
  /** Awaited before each page of changes is sent, so that a demonstration can be followed by eye. */
  readonly beforePage?: () => Promise<void>;
}

export interface SampleCouchDb {
  /** `http://127.0.0.1:PORT` */
  readonly address: string;
  close(): Promise<void>;
}

/** As in CouchDB, where it tells a database from a later one of the same name. Microseconds, as text. */
const INSTANCE_START_TIME = "1735689600000000";
const DEFAULT_LIMIT = 1_000;
const KEEP_ALIVE_MS = 60_000;

/** Serves the part of CouchDB's HTTP API that a reader of changes needs, on a free loopback port. */
export async function serveSampleCouchDb(options: SampleCouchDbOptions): Promise<SampleCouchDb> {
  const server = createServer((request, response) => {
    answer(options, request, response).catch((error: unknown) => response.destroy(toError(error)));
  });
  // A connection that is closed for being idle just when it is used again looks like a server that is down.
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.listen(0, LOOPBACK);
  await once(server, "listening");
  return { address: `http://${LOOPBACK}:${portOf(server)}`, close: () => close(server) };
}

async function answer(
  { databases, username, password, beforePage }: SampleCouchDbOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? "/", `http://${LOOPBACK}`);
  const [databaseName = "", view] = url.pathname.split("/").slice(1).map(decodeURIComponent);
  const credentials = Buffer.from(`${username}:${password}`).toString("base64");
  if (request.headers.authorization !== `Basic ${credentials}`) {
    return send(response, 401, { error: "unauthorized", reason: "Name or password is incorrect." });
  }
  if (request.method !== "GET") {
    return send(response, 405, { error: "method_not_allowed", reason: "Only GET is allowed." });
  }
  if (databaseName === "")
    return send(response, 200, { couchdb: "Welcome", version: "3.4.2", vendor: { name: "Sluice sample" } });
  const database = databases.find(({ name }) => name === databaseName);
  if (database === undefined) {
    return send(response, 404, { error: "not_found", reason: "Database does not exist." });
  }
  if (view === undefined || view === "") {
    return send(response, 200, {
      db_name: database.name,
      doc_count: database.size,
      update_seq: database.sequence,
      instance_start_time: INSTANCE_START_TIME,
    });
  }
  if (view !== "_changes") return send(response, 404, { error: "not_found", reason: "missing" });
  await beforePage?.();
  const limit = Number(url.searchParams.get("limit") ?? DEFAULT_LIMIT);
  const page = database.changes(url.searchParams.get("since") ?? "0", limit);
  if (page === null || !Number.isInteger(limit)) {
    return send(response, 400, { error: "bad_request", reason: "Malformed sequence supplied in 'since' parameter." });
  }
  sendBytes(response, 200, page);
}

function send(response: ServerResponse, status: number, body: object): void {
  sendBytes(response, status, Buffer.from(`${JSON.stringify(body)}\n`));
}

function sendBytes(response: ServerResponse, status: number, body: Buffer): void {
  response.writeHead(status, { "content-type": "application/json", "content-length": body.length });
  response.end(body);
}

function portOf(server: Server): number {
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("The sample CouchDB has no port.");
  return address.port;
}

async function close(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
