import { randomBytes } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { URL, fileURLToPath } from "node:url";
import { parseEnv } from "node:util";

import type { SealingKey } from "#auth/credentials";
import { ensureDevVars } from "#cli/dev-vars";
import { freePort } from "#cli/port";
import { startWorker, type WorkerProcess } from "#cli/worker-process";
import { bundleIn } from "#cli/wrangler";
import { receiveWebhooks, type WebhookReceiver } from "#test/e2e/webhook-receiver";
import { configWithEntry } from "#test/support/entry-config";
import { Guests } from "./guests.ts";
import type { History } from "./history.ts";
import { copyOf } from "./copy-check.ts";
import { SOURCES, type SourceName } from "./plan.ts";
import { Presence } from "./presence.ts";
import { NO_SEGMENT } from "./segment.ts";
import { Leaks } from "./leaks.ts";
import { Watch } from "./watch.ts";
import { Upstream } from "./upstream.ts";

export interface Answer {
  readonly status: number;
  readonly text: string;
  /** The body as JSON; undefined where it is none. */
  readonly body: unknown;
  readonly headers: Headers;
}

export interface CallOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** By default that of whom everything belongs to. */
  readonly key?: string;
}

/** Small budgets: a job takes many slices, and a hanging source is noticed soon. */
const VARS = {
  ALLOW_PRIVATE_UPSTREAMS: "true",
  RATE_LIMIT_REQUESTS: "1000000",
  SLICE_BUDGET_MS: "2000",
  SLICE_BUDGET_REQUESTS: "10",
  REQUEST_TIMEOUT_MS: "2500",
};

/** Longer than anything may take to be answered. */
const PATIENCE_MS = 30_000;

const SERVED = /^\[wrangler:\w+\] (GET|POST|PATCH|PUT|DELETE|HEAD|OPTIONS) /;

/** What the log says of the faults that drills make, in the words in which they are made. */
const DRILLED =
  /Chaos: put out of memory|The deliveries are away\.|database or disk is full: SQLITE_FULL|D1_ERROR: Network connection lost\./;

const SEALING_KEYS = /^SLUICE_ENCRYPTION_KEYS=.*$/m;

/** Where the built Worker migrates an object's tables; with what a release before has added there. */
const MIGRATING = /(?<=\bapplyMigrations)\(sql, (?:\[\.\.\.)?(MIGRATIONS\d*)(?:, [^\]]*\])?\)/g;

/** The Worker with the entry of the chaos run, everything around it, and the ways to do it harm. */
export class Stage {
  readonly upstream: Upstream;
  readonly receiver: WebhookReceiver;
  readonly leaks: Leaks;
  readonly history: History;
  readonly guests = new Guests();
  /** What the sources had when, as far as the weather goes. */
  readonly presence: Readonly<Record<SourceName, Presence>> = {
    couch: new Presence(),
    crm: new Presence(),
    desk: new Presence(),
  };
  readonly directory: string;
  readonly apiKey: string;
  /** The faults are over: nothing goes wrong any more but what a drill does. */
  isQuiet = false;
  /** What the Worker's log complained of since. */
  readonly complaints: string[] = [];
  /** An alarm was lost: only the watchdog brings to light what waits for it. */
  hasLostAlarm = false;
  readonly #port: number;
  readonly #secretsFile: string;
  readonly #watches: Watch[] = [];
  #worker: WorkerProcess | null = null;
  #release = 0;
  #rotations = 0;

  private constructor(parts: {
    readonly upstream: Upstream;
    readonly receiver: WebhookReceiver;
    readonly history: History;
    readonly directory: string;
    readonly port: number;
  }) {
    this.upstream = parts.upstream;
    this.receiver = parts.receiver;
    this.history = parts.history;
    this.directory = parts.directory;
    this.#port = parts.port;
    this.#secretsFile = join(parts.directory, ".dev.vars");
    this.apiKey = ensureDevVars(this.#secretsFile, randomBytes).apiKey;
    this.leaks = new Leaks(() => this.upstream.secrets());
    this.leaks.plant(this.apiKey);
    for (const { secret } of this.#sealingKeys()) this.leaks.plant(secret);
    writeFileSync(this.configFile, configWithEntry(fileURLToPath(new URL("./worker.ts", import.meta.url))));
  }

  /** @param migrated a state directory with the database's tables, so that they need not be made again */
  static async set(seed: number, history: History, migrated?: string): Promise<Stage> {
    const directory = mkdtempSync(join(tmpdir(), "sluice-chaos-"));
    const upstream = await Upstream.start(seed);
    const receiver = await receiveWebhooks();
    const stage = new Stage({ upstream, receiver, history, directory, port: await freePort() });
    if (migrated !== undefined) {
      cpSync(migrated, stage.stateDirectory, { recursive: true });
      // It is of the Worker without what chaos adds.
      rmSync(join(stage.stateDirectory, "build"), { recursive: true, force: true });
    }
    await stage.start();
    return stage;
  }

  get stateDirectory(): string {
    return join(this.directory, "state");
  }

  get configFile(): string {
    return join(this.directory, "wrangler.toml");
  }

  get address(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    this.#worker = await startWorker({
      port: this.#port,
      stateDirectory: this.stateDirectory,
      secretsFile: this.#secretsFile,
      configFile: this.configFile,
      vars: { ...VARS, CHAOS_LIVES: this.upstream.livesAddress },
      logLevel: "log",
      onLog: (line) => this.#heard(line),
    });
  }

  /** Ends it as a crash does. */
  async kill(): Promise<void> {
    await this.#worker?.kill();
    this.#worker = null;
  }

  /** What is started next seals with another key, and opens with those there were as well. */
  rotateKeys(): void {
    const secret = randomBytes(32).toString("base64");
    this.leaks.plant(secret);
    this.#rotations += 1;
    this.#writeKeys([{ id: `k${this.#rotations + 1}`, secret }, ...this.#sealingKeys()]);
  }

  /** What is started next has the newest key only. */
  dropOldKeys(): void {
    this.#writeKeys(this.#sealingKeys().slice(0, 1));
  }

  /** The id of the key that is sealed with. */
  get newestKey(): string {
    return this.#sealingKeys()[0]?.id ?? "";
  }

  /** What is started next has newer code: it brings one more migration of the objects' tables. */
  release(): void {
    const bundle = bundleIn(join(this.stateDirectory, "build"));
    this.#release += 1;
    const own = Array.from({ length: this.#release }, (_, index) =>
      JSON.stringify(`ALTER TABLE documents ADD COLUMN release_${index + 1} TEXT`),
    );
    const code = readFileSync(bundle, "utf8");
    const next = code.replace(MIGRATING, (_, released: string) => `(sql, [...${released}, ${own.join(", ")}])`);
    if (next === code) throw new Error("The bundle has no place for another migration.");
    writeFileSync(bundle, next);
  }

  /** How many there have been after the first. */
  get releases(): number {
    return this.#release;
  }

  /** Asks the API (`path` from /v1 on); null where no answer came. */
  call(method: string, path: string, options: CallOptions = {}): Promise<Answer | null> {
    return this.#fetch(method, `/v1${path}`, options);
  }

  /** Asks what stands behind the API. */
  reach(method: string, path: string, body?: unknown): Promise<Answer | null> {
    return this.#fetch(method, `/chaos${path}`, body === undefined ? {} : { body });
  }

  /** What the API says of itself. */
  document(): Promise<Answer | null> {
    return this.#fetch("GET", "/openapi.json", {});
  }

  /** @param path of a job's events, from /v1 on */
  watch(path: string, jobId: string): Watch {
    const watch = new Watch(`${this.address}/v1${path}`, this.apiKey, jobId);
    this.#watches.push(watch);
    return watch;
  }

  /** Remembers what the sources have now. */
  observe(): void {
    for (const source of SOURCES) {
      const { couch } = this.upstream;
      const truth =
        source === "couch" ? couch.truth() : this.upstream[source].truth({ sight: "all", without: NO_SEGMENT });
      this.presence[source].observe(copyOf(truth), Date.now());
    }
  }

  /** What cron does each minute. */
  tick(): Promise<Answer | null> {
    return this.#fetch("GET", "/cdn-cgi/local/scheduled?cron=*+*+*+*+*", {});
  }

  async close(keepsState: boolean): Promise<void> {
    for (const watch of this.#watches) watch.close();
    await this.kill();
    await this.upstream.close();
    await this.receiver.close();
    if (!keepsState) rmSync(this.directory, { recursive: true, force: true });
  }

  async #fetch(method: string, path: string, { body, headers, key }: CallOptions): Promise<Answer | null> {
    try {
      const response = await fetch(this.address + path, {
        method,
        headers: {
          authorization: `Bearer ${key ?? this.apiKey}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        signal: AbortSignal.timeout(PATIENCE_MS),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      this.leaks.look(`the answer to ${method} ${path}`, text + JSON.stringify([...response.headers]));
      return { status: response.status, text, body: parsed(text), headers: response.headers };
    } catch {
      return null;
    }
  }

  #writeKeys(keys: readonly SealingKey[]): void {
    const text = keys.map(({ id, secret }) => `${id}:${secret}`).join();
    const secrets = readFileSync(this.#secretsFile, "utf8");
    writeFileSync(this.#secretsFile, secrets.replace(SEALING_KEYS, `SLUICE_ENCRYPTION_KEYS="${text}"`));
  }

  /** Newest first. */
  #sealingKeys(): readonly SealingKey[] {
    const text = parseEnv(readFileSync(this.#secretsFile, "utf8"))["SLUICE_ENCRYPTION_KEYS"] ?? "";
    return text.split(",").map((key) => ({
      id: key.slice(0, key.indexOf(":")),
      secret: key.slice(key.indexOf(":") + 1),
    }));
  }

  #heard(line: string): void {
    // The local server's own line for a request has the address in it, which may be a secret.
    if (!SERVED.test(line)) this.leaks.look("the log", line);
    // The runtime's own complaints about connections that a kill broke are of no interest.
    if (!line.startsWith('{"level":"error"') && !line.includes("Uncaught")) return;
    this.history.add(`    log: ${line.slice(0, 400)}`);
    if (this.isQuiet && !DRILLED.test(line)) this.complaints.push(line.slice(0, 400));
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
