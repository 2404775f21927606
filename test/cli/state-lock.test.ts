import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

import { lockState } from "#cli/state-lock";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "sluice-lock-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

test("a second instance is told where the first one is, because two Workers on one state would double its jobs", () => {
  const unlock = lockState(directory, 8787);
  expect(() => lockState(directory, 8788)).toThrow(/process \d+, http:\/\/127\.0\.0\.1:8787/);
  unlock();
  lockState(directory, 8788)();
  expect(existsSync(join(directory, "sluice.lock"))).toBe(false);
});

test("the lock of a process that died is taken over, because nobody is left to release it", () => {
  const dead = spawnSync(process.execPath, ["-e", ""]).pid;
  writeFileSync(join(directory, "sluice.lock"), `${dead} 8787\n`);
  expect(() => lockState(directory, 8788)()).not.toThrow();
});

test("a lock file that was cut off is taken over", () => {
  writeFileSync(join(directory, "sluice.lock"), "");
  expect(() => lockState(directory, 8788)()).not.toThrow();
});
