import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { bundleFindings, readBundleList, renderBundleList } from "./bundle-list.ts";
import { bundledPackages } from "./bundled-packages.ts";
import { readOptions, runCommand } from "./command.ts";
import { PROJECT_DIRECTORY, buildWithMetafile } from "./wrangler.ts";

const USAGE = "npm run bundle [-- --json | --update]";
const LIST = join(PROJECT_DIRECTORY, "src/bundled-packages.md");

/** `npm run bundle`: builds the Worker and compares what is in it with what may be in it. */
await runCommand(async (onEnd) => {
  const flag = { type: "boolean" } as const;
  const options = readOptions({ json: flag, update: flag }, USAGE);
  const directory = mkdtempSync(join(tmpdir(), "sluice-bundle-"));
  onEnd(() => rmSync(directory, { recursive: true, force: true }));
  const place = { configFile: join(PROJECT_DIRECTORY, "wrangler.toml"), stateDirectory: directory };

  const bundled = bundledPackages(await buildWithMetafile(place), PROJECT_DIRECTORY);
  if (options.update === true) writeFileSync(LIST, renderBundleList(bundled));
  const findings = bundleFindings(readBundleList(readFileSync(LIST, "utf8")), bundled);
  if (options.json === true) console.log(JSON.stringify({ packages: bundled, findings }, null, 2));
  else console.log(renderBundleList(bundled).split("\n\n").at(-1));
  if (findings.length === 0) return 0;
  console.error(
    `${findings.join("\n")}\n\nIf that is wanted, and its licence allows it: npm run bundle -- --update, and commit src/bundled-packages.md.`,
  );
  return 1;
});
