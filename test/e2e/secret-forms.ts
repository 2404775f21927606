import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";

import { formsOf } from "#test/support/forms-of-secret";

/** What each planted secret contains, so that it is seen also in a form that nobody thought of. */
const KNOWN_BY_SIGHT = /SECR3T/;

/** Fails where any of these secrets is in any of these texts. `usernames` may stand before a secret in base64. */
export function expectNoSecretIn(
  what: string,
  texts: readonly string[],
  secrets: readonly string[],
  usernames: readonly string[] = [],
): void {
  for (const secret of secrets) {
    for (const form of formsOf(secret, usernames)) {
      const found = texts.find((each) => each.includes(form));
      const where = found?.slice(Math.max(0, found.indexOf(form) - 100), found.indexOf(form) + 100);
      expect({ what, form, where }).toEqual({ what, form, where: undefined });
    }
  }
  const seen = texts.flatMap((each) => {
    const at = each.search(KNOWN_BY_SIGHT);
    return at < 0 ? [] : [each.slice(Math.max(0, at - 100), at + 50)];
  });
  expect({ what, seen }).toEqual({ what, seen: [] });
}

/** What is in the files below a directory. Latin-1 keeps every byte, so that text is found in a binary file. */
export function contentsOf(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"));
}
