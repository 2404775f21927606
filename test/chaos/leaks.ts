import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Looks for secrets wherever the Worker says or keeps something. */
export class Leaks {
  readonly #secrets: () => readonly string[];
  readonly #planted: string[] = [];
  readonly #found = new Set<string>();

  /** @param secrets those that exist by now */
  constructor(secrets: () => readonly string[]) {
    this.#secrets = secrets;
  }

  /** Is to be found nowhere from now on. */
  plant(secret: string): void {
    this.#planted.push(secret);
  }

  look(where: string, text: string): void {
    for (const secret of this.#all()) {
      if (!text.includes(secret)) continue;
      const at = text.indexOf(secret);
      this.#found.add(`A secret is in ${where}: …${text.slice(Math.max(0, at - 60), at)}[secret]…`);
    }
  }

  /** Looks into every file below a directory, as bytes. */
  lookIn(directory: string): void {
    const secrets = this.#all();
    for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
      // What the Worker logs was looked at as it came; wrangler's own log has addresses in it.
      if (!entry.isFile() || entry.parentPath === join(directory, "logs")) continue;
      const path = join(entry.parentPath, entry.name);
      const content = contentOf(path);
      if (secrets.some((secret) => content.includes(secret))) this.#found.add(`A secret is in the file ${path}.`);
    }
  }

  #all(): readonly string[] {
    return [...this.#secrets(), ...this.#planted];
  }

  found(): readonly string[] {
    return [...this.#found];
  }
}

/** Empty where the file went while we were looking. */
function contentOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0);
  }
}
