import { CoreStages } from "./core/core-stages.ts";
import type { Exploration, Findings, TierName } from "./exploration.ts";
import { explore } from "./explore.ts";
import { exploreKernel } from "./kernel/explore-kernel.ts";
import { KernelStages } from "./kernel/kernel-stages.ts";
import { SimulatedClock } from "./platform/clock.ts";
import { installInstantCrypto } from "./platform/instant-crypto.ts";
import { BEGINNING } from "./setting.ts";
import { Stages } from "./stages.ts";

/** Lives through random histories of a tier until one breaks a promise, and shrinks that one. */
export type Explore = (exploration: Exploration) => Promise<Findings>;

/** Puts the simulation's time and ciphers in the place of the process's. */
export function prepareTiers(): Readonly<Record<TierName, Explore>> {
  const clock = new SimulatedClock(BEGINNING);
  clock.install();
  installInstantCrypto();
  const [kernel, core, whole] = [new KernelStages(clock), new CoreStages(clock), new Stages(clock)];
  return {
    kernel: (exploration) => exploreKernel((scene, seed) => kernel.world(scene, seed), exploration),
    core: (exploration) =>
      explore(
        {
          connections: [1],
          // An end takes several times as long as the history before it.
          endings: [true, false, false, false, false, false, false, false],
          world: (scene, seed) => core.world(scene, seed),
        },
        exploration,
      ),
    // Most histories are of one connection; what they do to each other needs some.
    whole: (exploration) =>
      explore(
        { connections: [1, 1, 1, 3], endings: [true], world: (scene, seed) => whole.world(scene, seed) },
        exploration,
      ),
  };
}
