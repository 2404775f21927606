import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

import { CannotStart } from "#cli/cannot-start";
import { runCommand } from "#cli/command";
import { FIXTURES_FOLDER, readFixtures } from "./fixture-files.ts";

const USAGE = "npm run fixture -- NAME   # a word or two for what the release brings: job-log";

const SCENARIO = "test/upgrades/scenario.workerd.test.ts";

const takenSchema = z.object({
  facts: z.record(z.string(), z.union([z.string(), z.number()])),
  storages: z.record(z.string(), z.array(z.string())),
});

/** `npm run fixture`: keeps what this code stores, so that every later one is seen to open it. */
await runCommand(async () => {
  const [name, ...others] = process.argv.slice(2);
  if (name === undefined || others.length > 0 || !/^[a-z0-9-]+$/.test(name)) throw new CannotStart(`Usage: ${USAGE}`);
  const args = ["vitest", "run", "--project", "workerd", "--silent=false", SCENARIO];
  const { stdout, stderr } = spawnSync("npx", args, { encoding: "utf8", maxBuffer: 64_000_000 });
  const line = /FIXTURE (\{.*\})$/m.exec(stdout)?.[1];
  if (line === undefined) throw new CannotStart(`The scenario did not come to its end.\n\n${stdout}${stderr}`);
  const { facts, storages } = takenSchema.parse(JSON.parse(line));
  const head = Object.entries(facts).map(([fact, value]) => `-- ${fact}: ${value}\n`);
  const bodies = Object.entries(storages).map(
    ([storage, statements]) => `\n-- storage: ${storage}\n\n${statements.map((each) => `${each};\n`).join("")}`,
  );
  const file = `${readFixtures().length + 1}-${name}.sql`;
  writeFileSync(join(FIXTURES_FOLDER, file), [...head, ...bodies].join(""));
  console.log(`Written: test/upgrades/fixtures/${file}`);
  return 0;
});
