import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

/** A process of its own: the simulation puts its own clock and ciphers in the place of the process's. */
test("in random histories of the core and of the whole service no promise is broken", { timeout: 300_000 }, () => {
  const command = "run --silent simulate -- --seed 20261127 --core 1500 --whole 60";
  const { status, stdout, stderr } = spawnSync("npm", command.split(" "), { encoding: "utf8" });

  expect({ status, told: stdout + stderr }).toEqual({
    status: 0,
    told: expect.stringContaining("No promise broken"),
  });
});
