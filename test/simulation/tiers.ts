import { CoreStages } from "./core/core-stages.ts";
import type { TierName } from "./exploration.ts";
import { SimulatedClock } from "./platform/clock.ts";
import { installInstantCrypto } from "./platform/instant-crypto.ts";
import type { Scene } from "./scene.ts";
import { BEGINNING } from "./setting.ts";
import type { SimulatedWorld } from "./simulated-world.ts";
import { Stages } from "./stages.ts";

export interface Tier {
  readonly name: TierName;
  /** How many connections a world may have, each as often as it is to come. */
  readonly connections: readonly number[];
  /** Is everything to be well again in the end? Each as often as it is to come. */
  readonly endings: readonly boolean[];
  /** A world of its own. */
  world(scene: Scene, seed: number): Promise<SimulatedWorld>;
}

/** Puts the simulation's time and ciphers in the place of the process's. */
export function prepareTiers(): Readonly<Record<TierName, Tier>> {
  const clock = new SimulatedClock(BEGINNING);
  clock.install();
  installInstantCrypto();
  const [core, whole] = [new CoreStages(clock), new Stages(clock)];
  return {
    core: {
      name: "core",
      connections: [1],
      // An end takes several times as long as the history before it.
      endings: [true, false, false, false, false, false, false, false],
      world: (scene, seed) => core.world(scene, seed),
    },
    // Most histories are of one connection; what they do to each other needs some.
    whole: {
      name: "whole",
      connections: [1, 1, 1, 3],
      endings: [true],
      world: (scene, seed) => whole.world(scene, seed),
    },
  };
}
