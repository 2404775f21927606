import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";

import { expect, test } from "vitest";
import { z } from "zod";

import { readConfig } from "#config";

const SECRETS = {
  SLUICE_API_KEY: "a-root-key-of-tests",
  SLUICE_ENCRYPTION_KEYS: "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
};

/** The rows of the README's table of variables. */
function documented(): Record<string, string> {
  const section = /^## Configuration$[^]*?(?=^## )/m.exec(readFileSync("README.md", "utf8"))?.[0] ?? "";
  const rows = section.matchAll(/^\| `(?<name>[A-Z_]+)` +\| (?<value>\S+) +\|/gm);
  return Object.fromEntries([...rows].map(({ groups }) => [groups?.["name"] ?? "", groups?.["value"] ?? ""]));
}

test("the README's table has every variable, with its default, and no other", () => {
  const defaults = Object.entries(readConfig({ ...SECRETS })).map(([name, value]) => [
    name,
    name in SECRETS ? "(secret)" : JSON.stringify(value),
  ]);
  expect(documented()).toEqual(Object.fromEntries(defaults));
});

test("the deploy button asks for the secrets, and says what they are", () => {
  expect(Object.keys(parseEnv(readFileSync(".dev.vars.example", "utf8")))).toEqual(Object.keys(SECRETS));
  const binding = z.object({ description: z.string().min(20) });
  const { cloudflare } = z
    .object({ cloudflare: z.object({ bindings: z.record(z.string(), binding) }) })
    .parse(JSON.parse(readFileSync("package.json", "utf8")));
  expect(Object.keys(cloudflare.bindings)).toEqual(expect.arrayContaining(Object.keys(SECRETS)));
});
