import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { accessFile, chooseAccess, forgetAccess, readAccess, writeAccess } from "#cli/access";
import { NotLoggedIn, WrongUsage } from "#cli/stopped";

const KEPT = { url: "https://sluice.example.com", apiKey: "slc_kept" };

describe("the kept access", () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "sluice-access-"));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test("comes back as it was written, in a file for its owner only, also over one that others could read", () => {
    const path = join(directory, "deep", "config.json");
    writeAccess(path, { url: "https://old.example.com", apiKey: "slc_old" });
    writeFileSync(path, "{}", { mode: 0o644 });
    writeAccess(path, KEPT);
    expect(readAccess(path)).toEqual(KEPT);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(directory, "deep")).mode & 0o777).toBe(0o700);
  });

  test("is nothing before a login and after a logout, and damage is told without quoting it", () => {
    const path = join(directory, "gone.json");
    expect(readAccess(path)).toBeNull();
    writeFileSync(path, '{"url": "https://sluice.example.com", "api_key": 7, "other": "slc_secret"}');
    expect(() => readAccess(path)).toThrow(WrongUsage);
    expect(() => readAccess(path)).not.toThrow("slc_secret");
    expect([forgetAccess(path), forgetAccess(path), readAccess(path)]).toEqual([true, false, null]);
  });

  test.each([
    [{ SLUICE_CONFIG: "/own.json", XDG_CONFIG_HOME: "/xdg" }, "/own.json"],
    [{ XDG_CONFIG_HOME: "/xdg" }, "/xdg/sluice/config.json"],
  ])("is where the environment %j says", (env, path) => {
    expect(accessFile(env)).toBe(path);
  });
});

describe("the access that is used", () => {
  const other = "https://other.example.com";
  test.each([
    ["what login kept", undefined, {}, KEPT],
    ["the environment's key", undefined, { SLUICE_API_KEY: "slc_env" }, { ...KEPT, apiKey: "slc_env" }],
    [
      "the environment's both",
      undefined,
      { SLUICE_URL: other, SLUICE_API_KEY: "slc_env" },
      { url: other, apiKey: "slc_env" },
    ],
    ["the option before the environment", KEPT.url, { SLUICE_URL: other }, KEPT],
    ["the kept key for the same server, spelled otherwise", "sluice.example.com/v1/", {}, KEPT],
    [
      "what login kept where the environment is set to nothing",
      undefined,
      { SLUICE_URL: "", SLUICE_API_KEY: "" },
      KEPT,
    ],
  ])("is %s", (_what, option, env, expected) => {
    expect(chooseAccess(option, env, KEPT)).toEqual(expected);
  });

  test.each([
    ["the server", undefined, {}, null],
    ["the key, rather than give the kept one to another server", other, {}, KEPT],
    ["the key, where the environment names another server", undefined, { SLUICE_URL: other }, KEPT],
    ["the key, where the address differs in its scheme only", "http://sluice.example.com", {}, KEPT],
  ])("lacks %s", (_what, option, env, kept) => {
    expect(() => chooseAccess(option, env, kept)).toThrow(NotLoggedIn);
  });
});
