import { randomBytes } from "node:crypto";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inject } from "vitest";

import { ensureDevVars } from "#cli/dev-vars";
import { freePort } from "#cli/port";
import { startWorker, type WorkerProcess } from "#cli/worker-process";

/** An answer as it came, whatever its status. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; undefined where it is none. */
  readonly body: unknown;
}

export interface CallOptions {
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: the root key. */
  readonly key?: string;
}

/** The built Worker in a directory of its own, and the way to talk to it. */
export interface Sluice {
  /** `http://127.0.0.1:PORT`; the same after a restart. */
  readonly address: string;
  /** The root key. */
  readonly apiKey: string;
  /** What the Worker persists: D1 and the objects. */
  readonly stateDirectory: string;
  /** Everything that wrangler and the Worker printed. */
  readonly log: readonly string[];
  /** `path` with the query, from `/v1` on: `/sources?limit=1`. */
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  /** Ends the Worker as a crash does. */
  kill(): Promise<void>;
  /** Starts it again on the same state. */
  start(): Promise<void>;
  /** Ends it and removes what it left. */
  close(): Promise<void>;
}

/** Tests make more requests than a person. */
const VARS = { ENABLE_INTERNAL_SOURCES: "true", ALLOW_PRIVATE_UPSTREAMS: "true", RATE_LIMIT_REQUESTS: "1000000" };

/** Starts the Worker with `vars` over what every test needs, on a copy of a prepared state. */
export async function startSluice(
  vars: Readonly<Record<string, string>> = {},
  preparedState: string = inject("preparedState"),
): Promise<Sluice> {
  const directory = mkdtempSync(join(tmpdir(), "sluice-e2e-"));
  const secretsFile = join(directory, ".dev.vars");
  const { apiKey } = ensureDevVars(secretsFile, randomBytes);
  const stateDirectory = join(directory, "state");
  cpSync(preparedState, stateDirectory, { recursive: true });
  const port = await freePort();
  const log: string[] = [];
  const start = () =>
    startWorker({
      port,
      stateDirectory,
      secretsFile,
      vars: { ...VARS, ...vars },
      logLevel: "log",
      onLog: (line) => void log.push(line),
    });
  let worker: WorkerProcess = await start();
  const { address } = worker;
  return {
    address,
    apiKey,
    stateDirectory,
    log,
    async call(method, path, { body, headers, key = apiKey } = {}) {
      const response = await fetch(`${address}/v1${path}`, {
        method,
        headers: {
          authorization: `Bearer ${key}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, text, body: parseOrUndefined(text) };
    },
    kill: () => worker.kill(),
    async start() {
      worker = await start();
    },
    async close() {
      await worker.kill();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
