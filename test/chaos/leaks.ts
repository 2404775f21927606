import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { formsOf } from "#test/support/forms-of-secret";

/** Looks for secrets wherever the Worker says or keeps something. */
export class Leaks {
  readonly #secrets: () => readonly string[];
  readonly #planted: string[] = [];
  readonly #forms = new Map<string, readonly string[]>();
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
    for (const form of this.#allForms()) {
      const at = text.indexOf(form);
      if (at < 0) continue;
      this.#found.add(`A secret is in ${where}: …${text.slice(Math.max(0, at - 60), at)}[secret]…`);
    }
  }

  /** Looks into every file below a directory, as bytes. */
  lookIn(directory: string): void {
    const forms = this.#allForms();
    for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
      // What the Worker logs was looked at as it came; wrangler's own log has addresses in it.
      if (!entry.isFile() || entry.parentPath === join(directory, "logs")) continue;
      const path = join(entry.parentPath, entry.name);
      const content = contentOf(path);
      if (forms.some((form) => content.includes(form))) this.#found.add(`A secret is in the file ${path}.`);
    }
  }

  /** In every form in which each of them may be written, but for those that have another one in them. */
  #allForms(): readonly string[] {
    return [...this.#secrets(), ...this.#planted].flatMap((secret) => {
      const known = this.#forms.get(secret) ?? distinct(formsOf(secret, USERNAMES));
      this.#forms.set(secret, known);
      return known;
    });
  }

  found(): readonly string[] {
    return [...this.#found];
  }
}

/** Who signs in with a secret as a password. */
const USERNAMES = ["reader"];

function distinct(forms: readonly string[]): readonly string[] {
  return forms.filter((form) => !forms.some((other) => other !== form && form.includes(other)));
}

/** Empty where the file went while we were looking. */
function contentOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0);
  }
}
