import * as fc from "fast-check";

import type { Exploration, Failure, Findings } from "./exploration.ts";
import type { Scene } from "./scene.ts";
import { Breach } from "./trial.ts";

/** What a history is made of: how it begins, whether it is concluded, what chance brings, and what happens. */
type Details = fc.RunDetails<[Scene, boolean, number, Iterable<object>]>;

/** What an exploration came to, and what it took. */
export async function findings(
  { tier, seed, runs, path }: Exploration,
  check: (terms: fc.Parameters<[Scene, boolean, number, Iterable<object>]>) => Details | Promise<Details>,
): Promise<Findings> {
  const before = process.cpuUsage();
  const result = await check({ seed, numRuns: runs, ...(path === null ? {} : { path }) });
  const { user, system } = process.cpuUsage(before);
  const processorSeconds = (user + system) / 1_000_000;
  const failure = result.failed ? { tier, ...failureOf(result) } : null;
  return { histories: result.numRuns, processorSeconds, failure };
}

function failureOf({ counterexample, counterexamplePath, seed, errorInstance }: Details): Omit<Failure, "tier"> {
  if (counterexample === null || counterexamplePath === null) throw errorInstance;
  const [scene, isConcluded, , happenings] = counterexample;
  const shown = fc.stringify(happenings);
  const error = errorInstance instanceof Error ? errorInstance : new Error(String(errorInstance));
  return {
    seed,
    path: counterexamplePath,
    replayPath: /replayPath="(.*)"/.exec(shown)?.[1] ?? "",
    ...scene,
    isConcluded,
    history: shown
      .replace(/\/\*.*\*\//, "")
      .split(/(?<=\.),/)
      .map((sentence) => sentence.trim())
      .filter((sentence) => sentence !== ""),
    breach: error instanceof Breach ? error.message : (error.stack ?? error.message),
  };
}
