import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { URL, fileURLToPath } from "node:url";

import { ApiClient } from "#cli/api-client";
import { ensureDevVars } from "#cli/dev-vars";
import { freePort } from "#cli/port";
import { serveSampleCouchDb } from "#cli/sample-couchdb";
import { SampleDatabase } from "#cli/sample-database";
import { orders, type DocumentMaker } from "#cli/sample-documents";
import { startWorker } from "#cli/worker-process";
import { configWithEntry } from "#test/support/entry-config";
import { ErrorLines } from "./error-lines.ts";
import { RuntimeMemory } from "./runtime-memory.ts";

/** What the measurements use: the built Worker, and a sample CouchDB to read from. */
export interface Stage {
  /** Where the Worker answers, also after a crash. */
  readonly address: string;
  /** What the runtime holds in RAM. */
  readonly memory: RuntimeMemory;
  /** What the Worker has printed since it was last asked for: nothing but errors, at its log level. */
  readonly errors: () => Promise<readonly string[]>;
  readonly client: ApiClient;
  /** The root key. */
  readonly apiKey: string;
  /** Makes a source connection to databases of the sample, or of another server, without starting a job. */
  readonly connectTo: (databases: Named | readonly Named[], pageSize: number, url?: string) => Promise<string>;
  /** Adds a database of this many documents, or lets one of this name be replaced by it. */
  readonly addDatabase: (name: string, size: number, maker?: DocumentMaker) => SampleDatabase;
  /** Ends the Worker as a crash does. */
  readonly kill: () => Promise<void>;
  /** Starts it again on what it had stored, and waits until it answers. */
  readonly restart: () => Promise<void>;
  /** Where the sample answers with a page of changes, and how it wants to be asked. */
  readonly pageUrl: (database: SampleDatabase, since: number, limit: number) => string;
  readonly authorization: string;
  /** Sends a POST to a route of the benchmark itself. */
  readonly post: (path: string, body?: object) => Promise<unknown>;
  readonly close: () => Promise<void>;
}

/** A database, as far as a connection has to know it. */
type Named = Pick<SampleDatabase, "name">;

/** What every sample server wants. */
export const CREDENTIALS = { username: "reader", password: "bench" };

/** Builds and starts everything in a temporary directory, on free ports. */
export async function setStage(): Promise<Stage> {
  const directory = mkdtempSync(join(tmpdir(), "sluice-bench-"));
  const secretsFile = join(directory, ".dev.vars");
  const { apiKey } = ensureDevVars(secretsFile, randomBytes);
  const configFile = join(directory, "wrangler.toml");
  writeFileSync(configFile, benchConfig());

  const errors = new ErrorLines();
  const databases: SampleDatabase[] = [];
  const upstream = await serveSampleCouchDb({ databases, ...CREDENTIALS });
  const options = {
    port: await freePort(),
    stateDirectory: join(directory, "state"),
    secretsFile,
    configFile,
    // A line printed for each request would be measured with it.
    logLevel: "error" as const,
    onLog: (line: string) => errors.hear(line),
    vars: { ENABLE_INTERNAL_SOURCES: "true", ALLOW_PRIVATE_UPSTREAMS: "true", RATE_LIMIT_REQUESTS: "1000000" },
  };
  let worker = await startWorker(options);
  const client = new ApiClient(worker.address, apiKey);

  const post = async (path: string, body: object = {}): Promise<unknown> => {
    const response = await fetch(`${worker.address}/bench${path}`, { method: "POST", body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`POST /bench${path} answered ${response.status}: ${await response.text()}`);
    return response.json();
  };
  await post("/prepare");

  return {
    address: worker.address,
    memory: new RuntimeMemory(() => worker.runtime()),
    errors: () => errors.take((line) => post("/tell", { line })),
    client,
    apiKey,
    post,
    authorization: `Basic ${Buffer.from(`${CREDENTIALS.username}:${CREDENTIALS.password}`).toString("base64")}`,
    addDatabase(name, size, maker = orders) {
      const database = new SampleDatabase(name, maker, size);
      const at = databases.findIndex((other) => other.name === name);
      databases.splice(at === -1 ? databases.length : at, 1, database);
      return database;
    },
    kill: () => worker.kill(),
    async restart() {
      worker = await startWorker(options);
    },
    async connectTo(wanted, pageSize, url = upstream.address) {
      const names = [wanted].flat().map(({ name }) => name);
      const connection = await client.connections.create({
        name: `Bench ${names[0]}`,
        short_name: "couchdb",
        readable_collection_id: "default",
        config: { url, databases: names, page_size: pageSize },
        credentials: CREDENTIALS,
        sync_immediately: false,
        schedule: null,
      });
      return connection.id;
    },
    pageUrl: ({ name }, since, limit) =>
      `${upstream.address}/${name}/_changes?since=${since}&limit=${limit}&include_docs=true`,
    async close() {
      await worker.kill();
      await upstream.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The Worker's own configuration with the benchmark's entry and object. */
function benchConfig(): string {
  return `${configWithEntry(fileURLToPath(new URL("./worker.ts", import.meta.url)))}
[[durable_objects.bindings]]
name = "BARE_OBJECT"
class_name = "BareObject"

[[migrations]]
tag = "bench"
new_sqlite_classes = ["BareObject"]
`;
}
