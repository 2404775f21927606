import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Where published connectors' manifests are, beside the checkout: they are other people's, so they are no part of it.
 * Where they are missing, what needs them is skipped, and runs that need only manifests of our own go on.
 */
export const PUBLISHED_MANIFESTS = join(import.meta.dirname, "../../../shared/manifests");

export const hasPublishedManifests = existsSync(PUBLISHED_MANIFESTS);

/** A manifest of ours, if `folder` has it, or a published one; null where that is missing. */
export function readManifestOf(folder: string, name: string): string | null {
  const path = [join(folder, name), join(PUBLISHED_MANIFESTS, name)].find((each) => existsSync(each));
  return path === undefined ? null : readFileSync(path, "utf8");
}
