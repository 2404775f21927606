import type { SimulatedClock } from "./platform/clock.ts";
import type { Scene } from "./scene.ts";
import { BEGINNING, FIRST_SYNC_MS } from "./setting.ts";
import { Stage } from "./stage.ts";
import { World } from "./world.ts";

/** The stages of a process, prepared as they are needed. */
export class Stages {
  readonly #clock: SimulatedClock;
  readonly #prepared = new Map<string, Stage>();

  constructor(clock: SimulatedClock) {
    this.#clock = clock;
  }

  /** A world of its own on a stage as it was prepared, whatever has been played on it since. */
  async world(scene: Scene, seed: number): Promise<World> {
    const key = JSON.stringify(scene);
    const stage = this.#prepared.get(key) ?? (await this.#prepare(key, scene));
    stage.putBack();
    return new World(this.#clock, stage, seed);
  }

  async #prepare(key: string, { manner, connections, isNew }: Scene): Promise<Stage> {
    const stage = new Stage(manner, connections, BEGINNING);
    const world = new World(this.#clock, stage, 0);
    await world.begin();
    if (!isNew) await world.passage.pass(FIRST_SYNC_MS);
    await world.close();
    stage.keep(world.standing);
    this.#prepared.set(key, stage);
    return stage;
  }
}
