import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";

import { ensureDevVars } from "#cli/dev-vars";
import { readConfig } from "#config";

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "sluice-dev-vars-"));
  path = join(directory, ".dev.vars");
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Not random at all: a second call must not be what keeps two values apart. */
const random = (count: number) => new Uint8Array(count).map((_, index) => index + 1);

test("makes both secrets where there is no file, in a form that the Worker accepts", () => {
  const { apiKey } = ensureDevVars(path, random);
  const vars = parseEnv(readFileSync(path, "utf8"));
  const config = readConfig(vars);
  expect(apiKey).toMatch(/^slc_root_[\w-]{32}$/);
  expect(config.SLUICE_API_KEY).toBe(apiKey);
  expect(config.SLUICE_ENCRYPTION_KEYS).toEqual([{ id: "k1", secret: "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=" }]);
});

test("is readable by its owner only, also where it was readable by all before", () => {
  ensureDevVars(path, random);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  chmodSync(path, 0o644);
  ensureDevVars(path, random);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("keeps what is there byte for byte and adds only what is missing, because a new key would lose stored secrets", () => {
  const before = "# mine\nSLUICE_ENCRYPTION_KEYS='k9:AAAA'\nOTHER=1"; // no newline at the end
  writeFileSync(path, before);
  ensureDevVars(path, random);
  const after = readFileSync(path, "utf8");
  expect(after.startsWith(`${before}\nSLUICE_API_KEY="slc_root_`)).toBe(true);
  expect(after.match(/SLUICE_ENCRYPTION_KEYS/g)).toHaveLength(1);
});

test("changes nothing when nothing is missing", () => {
  const { apiKey } = ensureDevVars(path, random);
  const before = readFileSync(path, "utf8");
  expect(ensureDevVars(path, () => new Uint8Array(32).fill(7)).apiKey).toBe(apiKey);
  expect(readFileSync(path, "utf8")).toBe(before);
  expect(readdirSync(directory)).toEqual([".dev.vars"]);
});

test("fills in a secret whose value was left empty", () => {
  writeFileSync(path, "SLUICE_API_KEY=\n");
  expect(ensureDevVars(path, random).apiKey).toMatch(/^slc_root_/);
});
