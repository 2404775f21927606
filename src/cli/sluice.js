#!/usr/bin/env node
// In plain JavaScript, so that any Node can begin to read it.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const main = new URL("./main.ts", import.meta.url);
const bundledNode = fileURLToPath(new URL("../../node_modules/node/bin/node", import.meta.url));

if (process.features.typescript) {
  await import(main.href);
} else if (existsSync(bundledNode)) {
  // Ctrl-C goes to both; what it means is for the other to say.
  process.on("SIGINT", () => {});
  const { status, signal } = spawnSync(bundledNode, [fileURLToPath(main), ...process.argv.slice(2)], {
    stdio: "inherit",
  });
  if (signal !== null) process.kill(process.pid, signal);
  process.exitCode = status ?? 1;
} else {
  console.error(
    `sluice needs Node 22.18 or newer; this is ${process.version}. Or run \`npm install\` in its directory.`,
  );
  process.exitCode = 1;
}
