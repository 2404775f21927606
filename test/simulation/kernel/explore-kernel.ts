import * as fc from "fast-check";

import type { Exploration, Findings } from "#test/simulation/exploration";
import { findings } from "#test/simulation/findings";
import { sceneOf, type Scene } from "#test/simulation/scene";
import { kernelHistories } from "./kernel-commands.ts";
import { KernelTrial } from "./kernel-trial.ts";
import type { KernelWorld } from "./kernel-world.ts";

/** An end takes several times as long as the history before it. */
const ENDINGS = [true, false, false, false, false, false, false, false, false, false, false, false];

/** Lives through random histories of the kernel, synchronously, until one breaks a promise, and shrinks that one. */
export async function exploreKernel(
  worldOf: (scene: Scene, seed: number) => KernelWorld,
  exploration: Exploration,
): Promise<Findings> {
  const property = fc.property(
    sceneOf([1]),
    fc.constantFrom(...ENDINGS),
    fc.nat(1_000_000),
    kernelHistories(exploration.maxSteps, exploration.replayPath),
    (scene, isConcluded, chance, happenings) => {
      const trial = new KernelTrial(worldOf(scene, chance));
      fc.modelRun(() => ({ model: trial, real: trial }), happenings);
      if (isConcluded) trial.conclude();
    },
  );
  return findings(exploration, (terms) => fc.check(property, terms));
}
