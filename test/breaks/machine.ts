import { spawn } from "node:child_process";
import { z } from "zod";

import type { Break, Machine } from "./break.ts";

/** How a machine took a break. */
export type Verdict =
  | { readonly type: "noticed"; readonly said: string }
  | { readonly type: "missed" }
  /** Neither: it could not do its work at all. */
  | { readonly type: "stuck"; readonly said: string };

export interface Terms {
  readonly seed: number;
  /** How long a tier of the simulation looks for a history. */
  readonly seconds: number;
  readonly rounds: number;
  /** Called with the process that does it. */
  readonly onStart: (kill: () => void) => void;
}

/** Longer than any of them takes, whatever is broken. */
const LIMIT_MS = 600_000;

/** What is kept of what a process says. */
const KEPT_CHARACTERS = 4_000_000;

interface Ended {
  readonly status: number | null;
  readonly told: string;
  /** Of what it told, the part that is for programs. */
  readonly result: string;
}

/** Lets a machine loose on a project. */
export async function tryMachine(machine: Machine, on: Break, directory: string, terms: Terms): Promise<Verdict> {
  const { seed, seconds, rounds, onStart } = terms;
  const npm = (...words: string[]) => run(["npm", "run", "--silent", ...words], directory, onStart);
  switch (machine) {
    case "kernel":
    case "core":
    case "whole":
      return ofSimulation(
        await npm("simulate", "--", "--seed", `${seed}`, "--tier", machine, "--seconds", `${seconds}`),
      );
    case "chaos":
      return ofChaos(await npm("chaos", "--", "--seed", `${seed}`, "--rounds", `${rounds}`, "--json"));
    case "tests":
      return ofTests(
        await run(
          ["npx", "vitest", "run", "--project", "node", "--project", "workerd", ...(on.tests ?? [])],
          directory,
          onStart,
        ),
      );
  }
}

function ofSimulation({ status, told }: Ended): Verdict {
  if (status === 0) return { type: "missed" };
  const [, breach] = /A promise was broken:\n(.*)/.exec(told) ?? [];
  return breach === undefined || NO_CODE.test(breach) ? stuck(told) : { type: "noticed", said: breach.trim() };
}

const chaosSchema = z.object({ findings: z.array(z.string()) });

function ofChaos({ status, told, result }: Ended): Verdict {
  if (status === 0) return { type: "missed" };
  const report = chaosSchema.safeParse(parsed(result));
  const findings = report.data?.findings ?? [];
  return findings.length === 0 ? stuck(told) : { type: "noticed", said: findings.join("\n") };
}

function ofTests({ status, told }: Ended): Verdict {
  if (status === 0) return { type: "missed" };
  // A file of tests that can't be loaded has failed as well, without a test of it.
  const [, failure] = / FAIL (.* > .*)/.exec(told) ?? [];
  return failure === undefined || NO_CODE.test(told) ? stuck(told) : { type: "noticed", said: failure.trim() };
}

/** A break that is no code is noticed by whoever runs it. */
const NO_CODE = /\b(?:ReferenceError|SyntaxError)\b/;

function stuck(told: string): Verdict {
  return { type: "stuck", said: told.trim().split("\n").slice(-5).join("\n") };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function run(words: readonly string[], directory: string, onStart: Terms["onStart"]): Promise<Ended> {
  const [command = "", ...rest] = words;
  const child = spawn(command, rest, {
    cwd: directory,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1", CI: "true" },
  });
  // The whole group: npm leaves what it has started.
  const kill = () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
  };
  onStart(kill);
  let told = "";
  let result = "";
  child.stdout.on("data", (chunk: Buffer) => {
    result = (result + chunk.toString()).slice(-KEPT_CHARACTERS);
    told = (told + chunk.toString()).slice(-KEPT_CHARACTERS);
  });
  child.stderr.on("data", (chunk: Buffer) => (told = (told + chunk.toString()).slice(-KEPT_CHARACTERS)));
  const timer = setTimeout(kill, LIMIT_MS);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => {
      clearTimeout(timer);
      resolve({ status, told, result });
    });
  });
}
