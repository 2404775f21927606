import type { ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { CannotStart } from "./cannot-start.ts";
import { LOOPBACK, isPortFree } from "./port.ts";
import { CannotEnd, endGroup, groupMembers, type GroupMember } from "./process-group.ts";
import { NoAnswer, startAgain } from "./start-again.ts";
import { lockState } from "./state-lock.ts";
import { PROJECT_DIRECTORY, applyMigrations, buildOnce, spawnWrangler, type Place } from "./wrangler.ts";

export interface WorkerOptions {
  readonly port: number;
  /** Absolute path. Everything the Worker stores is in it; a second start on it continues where the first ended. */
  readonly stateDirectory: string;
  /** Absolute path of a file like `.dev.vars`, with the secrets. */
  readonly secretsFile: string;
  /** Further variables: `{ ENABLE_INTERNAL_SOURCES: "true" }`. Visible in the process list, so never secrets. */
  readonly vars?: Readonly<Record<string, string>>;
  /** Absolute path of another wrangler configuration, for another entry file or further bindings. */
  readonly configFile?: string;
  /**
   * Build again and restart whenever a source file changes. Without it the Worker is built once for a state
   * directory, so that what runs stays what was started.
   */
  readonly rebuildOnChange?: boolean;
  /** What wrangler and the Worker print: `log` has all, `info`, the default, leaves out what the Worker logs itself. */
  readonly logLevel?: "log" | "info" | "warn" | "error";
  /** Gets each line that wrangler and the Worker print. */
  readonly onLog?: (line: string) => void;
}

/** The Worker, running in `wrangler dev`. */
export interface WorkerProcess {
  /** `http://127.0.0.1:PORT` */
  readonly address: string;
  /** Every process of it, wrangler's own included, is in this group. */
  readonly groupId: number;
  /** Lets it finish what it does, then ends it. */
  stop(): Promise<void>;
  /** Ends it at once, runtime and all, the way a crash does. Afterwards it can be started again on the same state. */
  kill(): Promise<void>;
  /** The process of the runtime that carries the Worker and its objects. */
  runtime(): GroupMember | undefined;
  /** Calls back, with the end of the log, if it ends without having been asked to. */
  onCrash(callback: (log: string) => void): void;
}

/**
 * Starting takes 2 to 6 s; a machine that is busy with much else, and has a cold disk, needs many times that. A wrangler
 * that still does not answer may have missed what its own runtime told it, and never will: it is ended, and the next one
 * gets more time. (Its waits for the runtime have no limit: https://github.com/cloudflare/workers-sdk/issues/14077)
 */
const START_PATIENCE_MS = [45_000, 180_000] as const;
const POLL_INTERVAL_MS = 50;
const KEPT_LOG_LINES = 30;

/** Applies the migrations, starts the Worker and waits until it answers. Throws CannotStart. */
export async function startWorker(options: WorkerOptions): Promise<WorkerProcess> {
  const { port, stateDirectory, onLog } = options;
  const configFile = options.configFile ?? join(PROJECT_DIRECTORY, "wrangler.toml");
  const place: Place = { configFile, stateDirectory };
  // First the lock: its message knows more than "the port is in use".
  const unlock = lockState(stateDirectory, port);
  try {
    if (!(await isPortFree(port))) {
      const other = port < 65_000 ? port + 1 : port - 1;
      throw new CannotStart(
        `Port ${port} is already in use on ${LOOPBACK}. Stop what listens there, or choose another port: --port ${other}`,
      );
    }
    if (!existsSync(options.secretsFile)) throw new CannotStart(`There is no file ${options.secretsFile}.`);
    const [bundle] = await Promise.all([
      options.rebuildOnChange === true ? null : buildOnce(place),
      applyMigrations(place, join(PROJECT_DIRECTORY, "src/records/migrations")),
    ]);

    const args = devArguments(options, configFile, bundle);
    return await startAgain(START_PATIENCE_MS, async (patienceMs) => {
      const log: string[] = [];
      const child = spawnWrangler(place, args, (line) => {
        log.push(line);
        if (log.length > KEPT_LOG_LINES) log.shift();
        onLog?.(line);
      });
      const worker = handle(child, port, unlock, log);
      try {
        await untilHealthy(worker.address, child, log, patienceMs);
      } catch (error) {
        await endGroup(worker.groupId, "SIGKILL");
        throw error;
      }
      return worker;
    });
  } catch (error) {
    // What still runs still works on the state.
    if (!(error instanceof CannotEnd)) unlock();
    throw error;
  }
}

function devArguments(options: WorkerOptions, configFile: string, bundle: string | null): string[] {
  const { port, stateDirectory, secretsFile, vars, logLevel = "info" } = options;
  return [
    "dev",
    ...(bundle === null ? [] : [bundle, "--no-bundle"]),
    `--config=${configFile}`,
    `--env-file=${secretsFile}`,
    `--persist-to=${stateDirectory}`,
    `--ip=${LOOPBACK}`,
    `--port=${port}`,
    // Any free port: the usual one is taken as soon as a second instance runs.
    "--inspector-port=0",
    "--show-interactive-dev-session=false",
    `--log-level=${logLevel}`,
    ...Object.entries(vars ?? {}).map(([name, value]) => `--var=${name}:${value}`),
  ];
}

function handle(child: ChildProcess, port: number, unlock: () => void, log: readonly string[]): WorkerProcess {
  const groupId = child.pid;
  if (groupId === undefined) throw new CannotStart("wrangler could not be started. Run `npm install` again.");
  let ending = false;
  const end = async (signal: "SIGTERM" | "SIGKILL") => {
    ending = true;
    await endGroup(groupId, signal);
    unlock();
  };
  return {
    address: `http://${LOOPBACK}:${port}`,
    groupId,
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
    // There are two: one listens on our port and only passes requests on to the other.
    runtime: () =>
      groupMembers(groupId).find(
        ({ command }) => command.includes("workerd serve") && !command.includes(`entry=${LOOPBACK}:${port} `),
      ),
    onCrash: (callback) => child.once("close", () => !ending && callback(log.join("\n"))),
  };
}

async function untilHealthy(
  address: string,
  child: ChildProcess,
  log: readonly string[],
  patienceMs: number,
): Promise<void> {
  const deadline = performance.now() + patienceMs;
  const said = (what: string) => `The Worker ${what}. The end of its log:\n\n${log.join("\n")}`;
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new CannotStart(said("ended while it was starting"));
    }
    // wrangler goes on after a failed build, waiting for someone to repair the source.
    if (log.some((line) => line.includes("[ERROR] Build failed"))) {
      throw new CannotStart(said("could not be built"));
    }
    if (performance.now() > deadline) {
      throw new NoAnswer(said(`did not answer within ${patienceMs / 1000} s`));
    }
    if (await isHealthy(address)) return;
    await delay(POLL_INTERVAL_MS);
  }
}

async function isHealthy(address: string): Promise<boolean> {
  // Short: wrangler holds requests back while it builds, and we want to look at its log meanwhile.
  const answer = fetch(`${address}/health`, { signal: AbortSignal.timeout(2_000) }).then(async (response) => {
    await response.arrayBuffer();
    return response.ok;
  });
  // Whether a request can be given up is up to its connection; whether we go on is not.
  return Promise.race([answer.catch(() => false), delay(3_000, false, { ref: false })]);
}
