import { CoreStage } from "#test/simulation/core/core-stage";
import type { SimulatedClock } from "#test/simulation/platform/clock";
import type { Scene } from "#test/simulation/scene";
import { FIRST_SYNC_MS } from "#test/simulation/setting";
import { KernelWorld } from "./kernel-world.ts";

/** The stages of a process, prepared as they are needed. */
export class KernelStages {
  readonly #clock: SimulatedClock;
  readonly #prepared = new Map<string, CoreStage>();

  constructor(clock: SimulatedClock) {
    this.#clock = clock;
  }

  /** A world of its own on a stage as it was prepared, whatever has been played on it since. */
  world(scene: Scene, seed: number): KernelWorld {
    const key = `${scene.manner} ${scene.isNew}`;
    const stage = this.#prepared.get(key) ?? this.#prepare(key, scene);
    stage.putBack();
    return new KernelWorld(this.#clock, stage, seed);
  }

  #prepare(key: string, { manner, isNew }: Scene): CoreStage {
    const stage = new CoreStage(manner);
    const world = new KernelWorld(this.#clock, stage, 0);
    world.begin();
    if (!isNew) world.pass(FIRST_SYNC_MS);
    world.kill();
    stage.keep(world.standing);
    this.#prepared.set(key, stage);
    return stage;
  }
}
