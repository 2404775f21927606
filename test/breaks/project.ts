import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { broken, type Edit } from "./break.ts";

const PROJECT = join(import.meta.dirname, "../..");

/** What the machines need of it. */
const PARTS = [
  "src",
  "test",
  "package.json",
  "package-lock.json",
  "tsconfig.json",
  "vitest.config.ts",
  "wrangler.toml",
];

export function readFile(path: string): string {
  return readFileSync(join(PROJECT, path), "utf8");
}

/** A copy of the project in which something is broken: the one that somebody is working on stays as it is. */
export class BrokenProject {
  readonly directory: string;

  constructor(edits: readonly Edit[]) {
    this.directory = mkdtempSync(join(tmpdir(), "sluice-broken-"));
    for (const part of PARTS) cpSync(join(PROJECT, part), join(this.directory, part), { recursive: true });
    symlinkSync(join(PROJECT, "node_modules"), join(this.directory, "node_modules"));
    for (const edit of edits) {
      const path = join(this.directory, edit.file);
      writeFileSync(path, broken(readFileSync(path, "utf8"), edit));
    }
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
