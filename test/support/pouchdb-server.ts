import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { freePort } from "#cli/port";

export interface PouchdbServer {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** Of the server's only administrator. */
  readonly credentials: { readonly username: string; readonly password: string };
  createDatabase(name: string): Promise<void>;
  deleteDatabase(name: string): Promise<void>;
  /** Writes documents as they are; `_rev` and `_deleted` mean what they mean in CouchDB. Answers with revisions by id. */
  write(database: string, documents: readonly Document[]): Promise<Record<string, string>>;
  /** Adds revisions as a replication would, so that documents can come to have conflicts. */
  replicate(database: string, documents: readonly Document[]): Promise<void>;
  stop(): Promise<void>;
}

export type Document = Readonly<Record<string, unknown>> & { readonly _id: string };

const CREDENTIALS = { username: "alice", password: "wonder/land & more" };

/** Starts the real thing, in memory, on a free port, and waits until it listens. */
export async function startPouchdbServer(): Promise<PouchdbServer> {
  const folder = await mkdtemp(join(tmpdir(), "pouchdb-server-"));
  const { username, password } = CREDENTIALS;
  await writeFile(join(folder, "config.json"), JSON.stringify({ admins: { [username]: password } }));
  const port = await freePort();
  const program = createRequire(import.meta.url).resolve("pouchdb-server/bin/pouchdb-server");
  const child = spawn(process.execPath, [program, "--in-memory", "--port", String(port)], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  await new Promise<void>((resolve, reject) => {
    // It says so when it listens; the listener stays, since nobody else empties the pipe.
    child.stdout.on("data", (chunk) => String(chunk).includes("has started on") && resolve());
    child.once("exit", (code) => reject(new Error(`pouchdb-server ended with code ${code}.`)));
  });
  const url = `http://127.0.0.1:${port}`;

  function ask(method: string, path: string, body?: unknown): Promise<Response> {
    const headers = {
      authorization: `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`,
      "content-type": "application/json",
    };
    return fetch(url + path, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
  }

  async function send(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await ask(method, path, body);
    const answer = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${answer}`);
    return JSON.parse(answer);
  }

  return {
    url,
    credentials: CREDENTIALS,
    async createDatabase(name) {
      const path = `/${encodeURIComponent(name)}`;
      const { status } = await ask("PUT", path);
      if (status === 201) return;
      // The server brings a deleted database back for a request that was on its way, as a page asked for early is.
      await send("DELETE", path);
      await send("PUT", path);
    },
    async deleteDatabase(name) {
      await send("DELETE", `/${encodeURIComponent(name)}`);
    },
    async write(database, documents) {
      const answer = await send("POST", `/${encodeURIComponent(database)}/_bulk_docs`, { docs: documents });
      if (!Array.isArray(answer)) throw new Error("_bulk_docs did not answer with a list.");
      return Object.fromEntries(
        answer.map((result) => {
          if (typeof result.rev !== "string") throw new Error(`Not written: ${JSON.stringify(result)}`);
          return [String(result.id), result.rev];
        }),
      );
    },
    async replicate(database, documents) {
      await send("POST", `/${encodeURIComponent(database)}/_bulk_docs`, { docs: documents, new_edits: false });
    },
    async stop() {
      // It would wait for connections that are kept alive; in memory it has nothing to finish.
      child.kill("SIGKILL");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
