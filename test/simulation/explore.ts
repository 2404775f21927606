import * as fc from "fast-check";

import type { Manner } from "#test/support/moving-upstream";
import { histories, type Plot } from "./commands.ts";
import { SimulatedClock } from "./platform/clock.ts";
import { installInstantCrypto } from "./platform/instant-crypto.ts";
import { Died } from "./platform/life.ts";
import { Breach, Trial } from "./trial.ts";
import { BEGINNING } from "./world.ts";

export interface Exploration {
  readonly seed: number;
  readonly runs: number;
  readonly maxSteps: number;
  /** To go straight to a history that failed. */
  readonly path: string | null;
  readonly replayPath: string | null;
}

/** What was found: the number of histories, and the shortest one that broke a promise. */
export interface Findings {
  readonly histories: number;
  readonly failure: Failure | null;
}

export interface Failure {
  readonly seed: number;
  readonly path: string;
  readonly replayPath: string;
  readonly manner: Manner;
  /** What happened, a sentence each. */
  readonly history: readonly string[];
  readonly breach: string;
}

const MANNERS: readonly Manner[] = ["listing", "updated_since", "changes"];

/** Puts the simulation's time and ciphers in the place of the process's. */
export function prepare(): SimulatedClock {
  const clock = new SimulatedClock(BEGINNING);
  clock.install();
  installInstantCrypto();
  return clock;
}

/** Lives through random histories until one breaks a promise, and shrinks that one. */
export async function explore(clock: SimulatedClock, exploration: Exploration): Promise<Findings> {
  let strayFault: unknown = null;
  const onStray = (error: unknown) => {
    // The dead go on until they notice; nobody hears them.
    if (!(error instanceof Died)) strayFault ??= error;
  };
  process.on("unhandledRejection", onStray);
  const { seed, runs, maxSteps, path, replayPath } = exploration;
  const property = fc.asyncProperty(
    fc.constantFrom(...MANNERS),
    fc.nat(1_000_000),
    histories(maxSteps, replayPath),
    async (manner, chance, happenings) => {
      clock.startOver(BEGINNING);
      strayFault = null;
      const trial = await Trial.begin(clock, manner, chance);
      try {
        await fc.asyncModelRun(() => ({ model: { isErased: false } satisfies Plot, real: trial }), happenings);
        await trial.conclude();
        if (strayFault !== null) throw strayFault;
      } finally {
        trial.world.close();
      }
    },
  );
  const result = await fc.check(property, { seed, numRuns: runs, ...(path === null ? {} : { path }) });
  process.off("unhandledRejection", onStray);
  return { histories: result.numRuns, failure: result.failed ? failureOf(result) : null };
}

type Details = fc.RunDetails<[Manner, number, Iterable<fc.AsyncCommand<Plot, Trial>>]>;

function failureOf({ counterexample, counterexamplePath, seed, errorInstance }: Details): Failure {
  if (counterexample === null || counterexamplePath === null) throw errorInstance;
  const [manner, , happenings] = counterexample;
  const shown = fc.stringify(happenings);
  const error = errorInstance instanceof Error ? errorInstance : new Error(String(errorInstance));
  return {
    seed,
    path: counterexamplePath,
    replayPath: /replayPath="(.*)"/.exec(shown)?.[1] ?? "",
    manner,
    history: shown
      .replace(/\/\*.*\*\//, "")
      .split(/(?<=\.),/)
      .map((sentence) => sentence.trim())
      .filter((sentence) => sentence !== ""),
    breach: error instanceof Breach ? error.message : (error.stack ?? error.message),
  };
}
