import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

import type { Edit } from "#test/breaks/break";
import { CATALOGUE } from "#test/breaks/catalogue";

/** A process of its own: the simulation puts its own clock and ciphers in the place of the process's. */
function simulate(command: string, broken: Edit | null = null) {
  const withBreak = {
    NODE_OPTIONS: "--import ./test/simulation/platform/broken-module.ts",
    BREAK: JSON.stringify(broken),
  };
  const env = { ...process.env, ...(broken === null ? {} : withBreak) };
  const { status, stdout, stderr } = spawnSync("npm", ["run", "--silent", ...command.split(" ")], {
    encoding: "utf8",
    env,
  });
  // How it goes is said on stderr, and so is why it did not go at all.
  return { status, told: stdout === "" ? stderr : stdout };
}

test(
  "in random histories of the kernel, of the core and of the whole service no promise is broken",
  { timeout: 300_000 },
  () => {
    expect(simulate("simulate -- --seed 20261129 --kernel 3000 --core 500 --whole 40")).toEqual({
      status: 0,
      told: expect.stringContaining("No promise broken"),
    });
  },
);

const SECOND_JOB = CATALOGUE.find(({ name }) => name === "second-active-job")?.edits[0] ?? null;

test.each(["kernel", "whole"])(
  "where Sluice is broken, the %s shows a short history, and the command that lives through it again",
  { timeout: 300_000 },
  (tier) => {
    const { status, told } = simulate(`simulate -- --tier ${tier} --seed 2`, SECOND_JOB);
    const [shown = "", command = ""] = told.split("Replay: npm run ");

    expect(status).toBe(1);
    expect(shown).toContain("2 jobs are active at once.");
    expect(shown.match(/^ {2}\d+\. /gm)?.length).toBeLessThanOrEqual(4);
    expect(simulate(command.trim(), SECOND_JOB)).toEqual({ status: 1, told: expect.stringContaining(shown) });
  },
);
