import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

import { PROJECT_DIRECTORY, applyMigrations, buildOnce } from "#cli/wrangler";

declare module "vitest" {
  interface ProvidedContext {
    /** Absolute path of a state directory that a Worker can be started on at once, once it is copied. */
    readonly preparedState: string;
  }
}

/** Builds the Worker and migrates a database, for Workers to be started on at once. */
export async function preparedPlace(): Promise<{ readonly stateDirectory: string; readonly remove: () => void }> {
  const stateDirectory = mkdtempSync(join(tmpdir(), "sluice-prepared-"));
  const place = { configFile: join(PROJECT_DIRECTORY, "wrangler.toml"), stateDirectory };
  await Promise.all([buildOnce(place), applyMigrations(place, join(PROJECT_DIRECTORY, "src/records/migrations"))]);
  return { stateDirectory, remove: () => rmSync(stateDirectory, { recursive: true, force: true }) };
}

/**
 * Once for all end-to-end tests, instead of once for each Worker that they start. Vitest calls what it returns when the
 * tests are over.
 */
export default async function prepareState({ provide }: TestProject): Promise<() => void> {
  const { stateDirectory, remove } = await preparedPlace();
  provide("preparedState", stateDirectory);
  return remove;
}
