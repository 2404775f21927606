import { spawn } from "node:child_process";
import { once } from "node:events";
import { text as textOf } from "node:stream/consumers";

import type { Sluice } from "./sluice.ts";

/** How a command ended. */
export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Given to its standard input. */
  readonly input?: string;
}

/** Runs `sluice` as a script does, its output in pipes. Nothing of the person's own environment reaches it. */
export async function sluiceCommand(
  args: readonly string[],
  { env = {}, input = "" }: CommandOptions = {},
): Promise<Ended> {
  const child = spawn(process.execPath, ["src/cli/sluice.js", ...args], {
    env: { PATH: process.env["PATH"] ?? "", ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.end(input);
  const [stdout, stderr] = await Promise.all([textOf(child.stdout), textOf(child.stderr), once(child, "close")]);
  return { exitCode: child.exitCode, stdout, stderr };
}

/** What tells a command which server to use. */
export function accessTo({ address, apiKey }: Pick<Sluice, "address" | "apiKey">): Record<string, string> {
  return { SLUICE_URL: address, SLUICE_API_KEY: apiKey, SLUICE_CONFIG: "/nonexistent/sluice.json" };
}
