import type { SimulatedClock } from "#test/simulation/platform/clock";
import type { Scene } from "#test/simulation/scene";
import { FIRST_SYNC_MS } from "#test/simulation/setting";
import { CoreStage } from "./core-stage.ts";
import { CoreWorld } from "./core-world.ts";

/** The stages of a process, prepared as they are needed. */
export class CoreStages {
  readonly #clock: SimulatedClock;
  readonly #prepared = new Map<string, CoreStage>();

  constructor(clock: SimulatedClock) {
    this.#clock = clock;
  }

  /** A world of its own on a stage as it was prepared, whatever has been played on it since. */
  async world(scene: Scene, seed: number): Promise<CoreWorld> {
    const key = `${scene.manner} ${scene.isNew}`;
    const stage = this.#prepared.get(key) ?? (await this.#prepare(key, scene));
    stage.putBack();
    return new CoreWorld(this.#clock, stage, seed);
  }

  async #prepare(key: string, { manner, isNew }: Scene): Promise<CoreStage> {
    const stage = new CoreStage(manner);
    const world = new CoreWorld(this.#clock, stage, 0);
    await world.begin();
    if (!isNew) await world.passage.pass(FIRST_SYNC_MS);
    await world.close();
    stage.keep(world.standing);
    this.#prepared.set(key, stage);
    return stage;
  }
}
