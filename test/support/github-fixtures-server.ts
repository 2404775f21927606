import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { freePort } from "#cli/port";

/** One recorded exchange with api.github.com. */
export interface RecordedExchange {
  readonly method: string;
  path: string;
  readonly status: number;
  readonly response: unknown;
  readonly headers: Record<string, string>;
}

export interface FixturesServer {
  /** Makes a scenario ready to be played once, in its order, and returns the address that plays api.github.com. */
  load(scenario: string): Promise<string>;
  stop(): Promise<void>;
}

/** The token that the recorded requests carry. */
export const RECORDED_TOKEN = "0000000000000000000000000000000000000001";

/** The exchanges of a recorded scenario, to be replayed as they are or in another order. */
export async function recordedScenario(name: string): Promise<RecordedExchange[]> {
  const folder = fileURLToPath(import.meta.resolve("@octokit/fixtures-server"));
  const file = join(folder, "../../fixtures/scenarios/api.github.com", name, "normalized-fixture.json");
  return JSON.parse(await readFile(file, "utf8"));
}

/** Plays recorded traffic: every scenario is the list of exchanges that are to happen, in that order. */
export async function startFixturesServer(
  scenarios: Readonly<Record<string, readonly RecordedExchange[]>>,
): Promise<FixturesServer> {
  const folder = await mkdtemp(join(tmpdir(), "github-fixtures-"));
  for (const [name, exchanges] of Object.entries(scenarios)) {
    await writeFile(join(folder, `${name}.json`), JSON.stringify(exchanges));
  }
  const port = await freePort();
  const program = join(fileURLToPath(import.meta.resolve("@octokit/fixtures-server")), "../bin/server.js");
  const url = `http://localhost:${port}`;
  const options = ["--port", String(port), "--fixtures-url", url, "--fixtures", join(folder, "*.json")];
  const child = spawn(process.execPath, [program, ...options, "--log-level", "silent"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  await new Promise<void>((resolve, reject) => {
    // Printed after it began to listen.
    child.stdout.on("data", (chunk) => String(chunk).includes(url) && resolve());
    child.once("exit", (code) => reject(new Error(`The fixtures server ended with code ${code}.`)));
  });

  return {
    async load(scenario) {
      const response = await fetch(`${url}/fixtures`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ scenario }),
      });
      const answer: unknown = await response.json();
      if (typeof answer !== "object" || answer === null || !("url" in answer)) throw new Error(JSON.stringify(answer));
      return String(answer.url);
    },
    async stop() {
      child.kill();
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
