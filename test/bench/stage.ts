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
import { orders } from "#cli/sample-documents";
import { type WorkerProcess, startWorker } from "#cli/worker-process";
import { configWithEntry } from "#test/support/entry-config";

/** What the measurements use: the built Worker, and a sample CouchDB to read from. */
export interface Stage {
  readonly worker: WorkerProcess;
  readonly client: ApiClient;
  /** The root key. */
  readonly apiKey: string;
  /** Makes a source connection to a database of the sample, without starting a job. */
  readonly connectTo: (database: SampleDatabase, pageSize: number) => Promise<string>;
  /** Adds a database of this many documents. */
  readonly addDatabase: (name: string, size: number) => SampleDatabase;
  /** Where the sample answers with a page of changes, and how it wants to be asked. */
  readonly pageUrl: (database: SampleDatabase, since: number, limit: number) => string;
  readonly authorization: string;
  /** Sends a POST to a route of the benchmark itself. */
  readonly post: (path: string, body?: object) => Promise<unknown>;
  readonly close: () => Promise<void>;
}

const CREDENTIALS = { username: "reader", password: "bench" };

/** Builds and starts everything in a temporary directory, on free ports. */
export async function setStage(): Promise<Stage> {
  const directory = mkdtempSync(join(tmpdir(), "sluice-bench-"));
  const secretsFile = join(directory, ".dev.vars");
  const { apiKey } = ensureDevVars(secretsFile, randomBytes);
  const configFile = join(directory, "wrangler.toml");
  writeFileSync(configFile, benchConfig());

  const databases: SampleDatabase[] = [];
  const upstream = await serveSampleCouchDb({ databases, ...CREDENTIALS });
  const worker = await startWorker({
    port: await freePort(),
    stateDirectory: join(directory, "state"),
    secretsFile,
    configFile,
    // A line printed for each request would be measured with it.
    logLevel: "error",
    vars: { ENABLE_INTERNAL_SOURCES: "true", ALLOW_PRIVATE_UPSTREAMS: "true", RATE_LIMIT_REQUESTS: "1000000" },
  });
  const client = new ApiClient(worker.address, apiKey);

  const post = async (path: string, body: object = {}): Promise<unknown> => {
    const response = await fetch(`${worker.address}/bench${path}`, { method: "POST", body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`POST /bench${path} answered ${response.status}: ${await response.text()}`);
    return response.json();
  };
  await post("/prepare");

  return {
    worker,
    client,
    apiKey,
    post,
    authorization: `Basic ${Buffer.from(`${CREDENTIALS.username}:${CREDENTIALS.password}`).toString("base64")}`,
    addDatabase(name, size) {
      const database = new SampleDatabase(name, orders, size);
      databases.push(database);
      return database;
    },
    async connectTo({ name }, pageSize) {
      const connection = await client.createConnection({
        name: `Bench ${name}`,
        short_name: "couchdb",
        readable_collection_id: "default",
        config: { url: upstream.address, databases: [name], page_size: pageSize },
        credentials: CREDENTIALS,
        sync_immediately: false,
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
