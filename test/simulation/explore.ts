import * as fc from "fast-check";

import type { Manner } from "#test/support/moving-upstream";
import { histories } from "./commands.ts";
import type { Plot } from "./happening.ts";
import { Died } from "./platform/life.ts";
import type { Tier, TierName } from "./tiers.ts";
import { Breach, Trial } from "./trial.ts";

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
  readonly tier: TierName;
  readonly seed: number;
  readonly path: string;
  readonly replayPath: string;
  readonly manner: Manner;
  readonly connections: number;
  /** Was everything well again in the end? */
  readonly isConcluded: boolean;
  /** What happened, a sentence each. */
  readonly history: readonly string[];
  readonly breach: string;
}

const MANNERS: readonly Manner[] = ["listing", "updated_since", "changes"];

/** Lives through random histories until one breaks a promise, and shrinks that one. */
export async function explore(tier: Tier, exploration: Exploration): Promise<Findings> {
  let strayFault: unknown = null;
  const onStray = (error: unknown) => {
    // The dead go on until they notice; nobody hears them.
    if (!(error instanceof Died)) strayFault ??= error;
  };
  process.on("unhandledRejection", onStray);
  const { seed, runs, maxSteps, path, replayPath } = exploration;
  const property = fc.asyncProperty(
    fc.constantFrom(...MANNERS),
    fc.constantFrom(...tier.connections),
    fc.constantFrom(...tier.endings),
    fc.nat(1_000_000),
    histories(maxSteps, replayPath),
    async (manner, connections, isConcluded, chance, happenings) => {
      strayFault = null;
      const world = await tier.world(manner, connections, chance);
      try {
        const trial = new Trial(world);
        await fc.asyncModelRun(() => ({ model: { connections, erased: new Set<number>() }, real: trial }), happenings);
        if (isConcluded) await trial.conclude();
        if (strayFault !== null) throw strayFault;
      } finally {
        await world.close();
      }
    },
  );
  const result = await fc.check(property, { seed, numRuns: runs, ...(path === null ? {} : { path }) });
  process.off("unhandledRejection", onStray);
  return { histories: result.numRuns, failure: result.failed ? failureOf(tier, result) : null };
}

type Details = fc.RunDetails<[Manner, number, boolean, number, Iterable<fc.AsyncCommand<Plot, Trial>>]>;

function failureOf({ name }: Tier, { counterexample, counterexamplePath, seed, errorInstance }: Details): Failure {
  if (counterexample === null || counterexamplePath === null) throw errorInstance;
  const [manner, connections, isConcluded, , happenings] = counterexample;
  const shown = fc.stringify(happenings);
  const error = errorInstance instanceof Error ? errorInstance : new Error(String(errorInstance));
  return {
    tier: name,
    seed,
    path: counterexamplePath,
    replayPath: /replayPath="(.*)"/.exec(shown)?.[1] ?? "",
    manner,
    connections,
    isConcluded,
    history: shown
      .replace(/\/\*.*\*\//, "")
      .split(/(?<=\.),/)
      .map((sentence) => sentence.trim())
      .filter((sentence) => sentence !== ""),
    breach: error instanceof Breach ? error.message : (error.stack ?? error.message),
  };
}
