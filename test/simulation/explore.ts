import * as fc from "fast-check";

import type { Manner } from "#test/support/moving-upstream";
import { histories } from "./commands.ts";
import type { Plot } from "./happening.ts";
import { Died } from "./platform/life.ts";
import type { Exploration, Failure, Findings } from "./exploration.ts";
import type { Scene } from "./scene.ts";
import type { Tier } from "./tiers.ts";
import { Breach, Trial } from "./trial.ts";

const MANNERS: readonly Manner[] = ["listing", "updated_since", "changes"];

/** A first sync can go wrong in ways of its own, and is one of many. */
const IS_NEW = [false, false, false, true] as const;

/** Lives through random histories until one breaks a promise, and shrinks that one. */
export async function explore(tier: Tier, exploration: Exploration): Promise<Findings> {
  const strays = new Strays();
  const before = process.cpuUsage();
  const { seed, runs, maxSteps, path, replayPath } = exploration;
  const property = fc.asyncProperty(
    fc.record({
      manner: fc.constantFrom(...MANNERS),
      connections: fc.constantFrom(...tier.connections),
      isNew: fc.constantFrom(...IS_NEW),
    }),
    fc.constantFrom(...tier.endings),
    fc.nat(1_000_000),
    histories(maxSteps, replayPath),
    async (scene, isConcluded, chance, happenings) => {
      strays.taken();
      const world = await tier.world(scene, chance);
      try {
        const trial = new Trial(world);
        const plot = { connections: scene.connections, erased: new Set<number>() };
        await fc.asyncModelRun(() => ({ model: plot, real: trial }), happenings);
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
  const { user, system } = process.cpuUsage(before);
  const processorSeconds = (user + system) / 1_000_000;
  return { histories: result.numRuns, processorSeconds, failure: result.failed ? failureOf(tier, result) : null };
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

type Details = fc.RunDetails<[Scene, boolean, number, Iterable<fc.AsyncCommand<Plot, Trial>>]>;

function failureOf({ name }: Tier, { counterexample, counterexamplePath, seed, errorInstance }: Details): Failure {
  if (counterexample === null || counterexamplePath === null) throw errorInstance;
  const [scene, isConcluded, , happenings] = counterexample;
  const shown = fc.stringify(happenings);
  const error = errorInstance instanceof Error ? errorInstance : new Error(String(errorInstance));
  return {
    tier: name,
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
