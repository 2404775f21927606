import * as fc from "fast-check";

import type { Manner } from "#test/support/moving-upstream";
import { histories } from "./commands.ts";
import type { Plot } from "./happening.ts";
import { Died } from "./platform/life.ts";
import type { Exploration, Failure, Findings } from "./exploration.ts";
import type { Tier } from "./tiers.ts";
import { Breach, Trial } from "./trial.ts";

const MANNERS: readonly Manner[] = ["listing", "updated_since", "changes"];

/** Lives through random histories until one breaks a promise, and shrinks that one. */
export async function explore(tier: Tier, exploration: Exploration): Promise<Findings> {
  const strays = new Strays();
  const { seed, runs, maxSteps, path, replayPath } = exploration;
  const property = fc.asyncProperty(
    fc.constantFrom(...MANNERS),
    fc.constantFrom(...tier.connections),
    fc.constantFrom(...tier.endings),
    fc.nat(1_000_000),
    histories(maxSteps, replayPath),
    async (manner, connections, isConcluded, chance, happenings) => {
      strays.taken();
      const world = await tier.world(manner, connections, chance);
      try {
        const trial = new Trial(world);
        await fc.asyncModelRun(() => ({ model: { connections, erased: new Set<number>() }, real: trial }), happenings);
        if (isConcluded) await trial.conclude();
      } finally {
        await world.close();
        await strays.settle();
      }
      const [stray] = strays.taken();
      if (stray !== undefined) throw stray;
    },
  );
  const result = await fc.check(property, { seed, numRuns: runs, ...(path === null ? {} : { path }) });
  strays.close();
  return { histories: result.numRuns, failure: result.failed ? failureOf(tier, result) : null };
}

/** What was thrown where nobody waits for it. */
class Strays {
  readonly #faults: unknown[] = [];
  readonly #onStray = (error: unknown): void => {
    // The dead go on until they notice; nobody hears them.
    if (!(error instanceof Died)) this.#faults.push(error);
  };

  constructor() {
    process.on("unhandledRejection", this.#onStray);
  }

  /** Node tells of them when it has nothing else to do, which it never has while a history lasts. */
  settle(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  taken(): unknown[] {
    return this.#faults.splice(0);
  }

  close(): void {
    process.off("unhandledRejection", this.#onStray);
  }
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
