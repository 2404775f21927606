import { readFileSync } from "node:fs";
import { join } from "node:path";

import { PROJECT_DIRECTORY } from "#cli/wrangler";

/** The Worker's own wrangler configuration with another entry file (absolute path), to be written anywhere. */
export function configWithEntry(entry: string): string {
  return readFileSync(join(PROJECT_DIRECTORY, "wrangler.toml"), "utf8")
    .replace(/^main = .*$/m, `main = ${JSON.stringify(entry)}`)
    .replace(
      /^migrations_dir = "(.*)"$/m,
      (_, path: string) => `migrations_dir = ${JSON.stringify(join(PROJECT_DIRECTORY, path))}`,
    );
}
