import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";

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

/** How a secret may be written: as it is, in JSON, in JSON within JSON, in a URL, in hex, in base64 alone or with its user. */
function formsOf(secret: string, usernames: readonly string[]): string[] {
  const bytes = Buffer.from(secret, "utf8");
  const inJson = JSON.stringify(secret).slice(1, -1);
  const texts = [
    secret,
    inJson,
    JSON.stringify(inJson).slice(1, -1),
    encodeURIComponent(secret),
    bytes.toString("hex"),
    bytes.toString("hex").toUpperCase(),
  ];
  const withUser = usernames.map((username) => base64(`${username}:${secret}`));
  return [...new Set([...texts, base64(secret), bytes.toString("base64url"), ...withUser])];
}

function base64(plain: string): string {
  return Buffer.from(plain, "utf8").toString("base64");
}

/** What is in the files below a directory. Latin-1 keeps every byte, so that text is found in a binary file. */
export function contentsOf(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"));
}
