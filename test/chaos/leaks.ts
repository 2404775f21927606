import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Looks for secrets wherever the Worker says or keeps something. */
export class Leaks {
  readonly #secrets: () => readonly string[];
  readonly #found = new Set<string>();

  /** @param secrets those that exist by now */
  constructor(secrets: () => readonly string[]) {
    this.#secrets = secrets;
  }

  look(where: string, text: string): void {
    for (const secret of this.#secrets()) {
      if (!text.includes(secret)) continue;
      const at = text.indexOf(secret);
      this.#found.add(`A secret is in ${where}: …${text.slice(Math.max(0, at - 60), at)}[secret]…`);
    }
  }

  /** Looks into every file below a directory, as bytes. */
  lookIn(directory: string): void {
    const secrets = this.#secrets();
    for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const content = contentOf(path);
      if (secrets.some((secret) => content.includes(secret))) this.#found.add(`A secret is in the file ${path}.`);
    }
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
