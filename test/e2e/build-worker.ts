import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

import { PROJECT_DIRECTORY, spawnWrangler } from "#cli/wrangler";

declare module "vitest" {
  interface ProvidedContext {
    /** Absolute path of a wrangler configuration that runs the bundle as it would be deployed. */
    readonly workerConfig: string;
  }
}

/**
 * Bundles the Worker once for all end-to-end tests, as a deploy does: what is tested is what would run, and editing
 * the source meanwhile restarts nothing. Vitest calls what it returns when the tests are over.
 */
export default async function buildWorker({ provide }: TestProject): Promise<() => void> {
  const directory = mkdtempSync(join(tmpdir(), "sluice-build-"));
  const place = { configFile: join(PROJECT_DIRECTORY, "wrangler.toml"), stateDirectory: directory };
  const lines: string[] = [];
  const args = ["deploy", "--dry-run", `--outdir=${join(directory, "bundle")}`, `--config=${place.configFile}`];
  const child = spawnWrangler(place, args, (line) => lines.push(line));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code !== 0) throw new Error(`The Worker could not be built:\n${lines.join("\n")}`);
  const workerConfig = join(directory, "wrangler.toml");
  writeFileSync(workerConfig, bundleConfig(readFileSync(place.configFile, "utf8"), directory));
  provide("workerConfig", workerConfig);
  return () => rmSync(directory, { recursive: true, force: true });
}

/** The Worker's own configuration, pointing at the bundle. */
function bundleConfig(own: string, directory: string): string {
  return own
    .replace(/^main = .*$/m, `main = ${JSON.stringify(join(directory, "bundle", "index.js"))}\nno_bundle = true`)
    .replace(
      /^migrations_dir = "(.*)"$/m,
      (_, path: string) => `migrations_dir = ${JSON.stringify(join(PROJECT_DIRECTORY, path))}`,
    );
}
