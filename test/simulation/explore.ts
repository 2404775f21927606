import * as fc from "fast-check";

import { histories } from "./commands.ts";
import type { Exploration, Findings } from "./exploration.ts";
import { findings } from "./findings.ts";
import { Died } from "./platform/life.ts";
import { sceneOf, type Scene } from "./scene.ts";
import type { SimulatedWorld } from "./simulated-world.ts";
import { Trial } from "./trial.ts";

/** Where histories happen in which something is awaited. */
export interface Tier {
  /** How many connections a world may have, each as often as it is to come. */
  readonly connections: readonly number[];
  /** Is everything to be well again in the end? Each as often as it is to come. */
  readonly endings: readonly boolean[];
  /** A world of its own. */
  world(scene: Scene, seed: number): Promise<SimulatedWorld>;
}

/** Lives through random histories until one breaks a promise, and shrinks that one. */
export async function explore(tier: Tier, exploration: Exploration): Promise<Findings> {
  const strays = new Strays();
  const property = fc.asyncProperty(
    sceneOf(tier.connections),
    fc.constantFrom(...tier.endings),
    fc.nat(1_000_000),
    histories(exploration.maxSteps, exploration.replayPath),
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
  const found = await findings(exploration, (terms) => fc.check(property, terms));
  strays.close();
  return found;
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
