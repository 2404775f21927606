import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, readFileSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { URL, fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";

import { CannotStart } from "./cannot-start.ts";
import { signalGroup } from "./process-group.ts";

export const PROJECT_DIRECTORY = fileURLToPath(new URL("../../", import.meta.url));
const WRANGLER = join(PROJECT_DIRECTORY, "node_modules/wrangler/bin/wrangler.js");
/** Building and migrating take seconds, on a machine that is busy with much else many. */
const RUN_DEADLINE_MS = 180_000;
const FOLLOW_PARENT = new URL("./follow-parent.ts", import.meta.url).href;

/** Where wrangler runs: its configuration file and the directory that holds all it stores. */
export interface Place {
  /** Absolute path of a wrangler configuration. */
  readonly configFile: string;
  /** Absolute path. */
  readonly stateDirectory: string;
}

/**
 * Starts wrangler as the leader of a process group of its own, so that it can be ended together with the runtime
 * processes that it starts. `onLine` gets what it prints. Needs no network.
 */
export function spawnWrangler(place: Place, args: readonly string[], onLine: (line: string) => void): ChildProcess {
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", "--import", FOLLOW_PARENT, WRANGLER, ...args],
    {
      cwd: dirname(place.configFile),
      detached: true,
      env: wranglerEnvironment(place),
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    },
  );
  // The last thing this process does, also when it ends in a way that nobody foresaw.
  const end = () => child.pid !== undefined && signalGroup(child.pid, "SIGKILL");
  process.once("exit", end);
  child.once("exit", () => process.off("exit", end));
  for (const stream of [child.stdout, child.stderr]) {
    if (stream !== null)
      createInterface({ input: stream }).on("line", (line) => onLine(stripVTControlCharacters(line)));
  }
  return child;
}

/** Brings the local D1 up to date. Skips wrangler, which takes seconds, if the same files were applied before. */
export async function applyMigrations(place: Place, migrationsDirectory: string): Promise<void> {
  const stampFile = join(place.stateDirectory, "migrations-applied");
  const stamp = readdirSync(migrationsDirectory).toSorted().join("\n");
  if (readStamp(stampFile) === stamp) return;
  const args = ["d1", "migrations", "apply", "DB", "--local", `--persist-to=${place.stateDirectory}`];
  await runWrangler(place, args, "The database migrations could not be applied");
  writeFileSync(stampFile, stamp);
}

/** Builds the Worker into the state directory, unless that was done before. Answers with the bundle's file. */
export async function buildOnce(place: Place): Promise<string> {
  const directory = join(place.stateDirectory, "build");
  if (!existsSync(directory)) {
    const draft = `${directory}.draft`;
    await runWrangler(place, ["deploy", "--dry-run", `--outdir=${draft}`], "The Worker could not be built");
    renameSync(draft, directory);
  }
  return bundleIn(directory);
}

/** The Worker's file among those of its build. What is bundled as it is has a digest before its name. */
export function bundleIn(directory: string): string {
  const bundle = readdirSync(directory).find((name) => name.endsWith(".js") && !/^[0-9a-f]{40}-/.test(name));
  if (bundle === undefined) throw new CannotStart(`There is no bundle in ${directory}. Delete it and start again.`);
  return join(directory, bundle);
}

/** Builds the Worker and answers with what esbuild says of the build, as JSON. */
export async function buildWithMetafile(place: Place): Promise<string> {
  const metafile = join(place.stateDirectory, "metafile.json");
  const args = ["deploy", "--dry-run", `--outdir=${join(place.stateDirectory, "build")}`, `--metafile=${metafile}`];
  await runWrangler(place, args, "The Worker could not be built");
  return readFileSync(metafile, "utf8");
}

/** Runs wrangler to its end. Throws CannotStart with what it printed if it failed. */
async function runWrangler(place: Place, args: readonly string[], failure: string): Promise<void> {
  const lines: string[] = [];
  const child = spawnWrangler(place, [...args, `--config=${place.configFile}`], (line) => lines.push(line));
  const tooLong = setTimeout(() => {
    lines.push(`(It was ended: it was still at it after ${RUN_DEADLINE_MS / 1000} s.)`);
    if (child.pid !== undefined) signalGroup(child.pid, "SIGKILL");
  }, RUN_DEADLINE_MS);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  }).finally(() => clearTimeout(tooLong));
  if (code !== 0) throw new CannotStart(`${failure}. wrangler said:\n\n${lines.slice(-20).join("\n")}`);
}

function readStamp(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

function wranglerEnvironment(place: Place): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    // Nothing leaves the machine: no metrics, error reports, update check or request for a sample `request.cf`.
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_SEND_ERROR_REPORTS: "false",
    WRANGLER_HIDE_BANNER: "true",
    CLOUDFLARE_CF_FETCH_ENABLED: "false",
    // Recording a trace of every request would cost more than the requests.
    X_LOCAL_OBSERVABILITY: "false",
    // Instances must not see each other.
    WRANGLER_REGISTRY_PATH: join(place.stateDirectory, "registry"),
    WRANGLER_LOG_PATH: join(place.stateDirectory, "logs"),
    NO_COLOR: "1",
  };
  // It is compiled into the bundle: the Worker has to be the same whoever starts it.
  delete env["NODE_ENV"];
  delete env["FORCE_COLOR"];
  return env;
}
