import type { Manner } from "#test/support/moving-upstream";
import type { SimulatedClock } from "#test/simulation/platform/clock";
import { FIRST_SYNC_MS } from "#test/simulation/setting";
import { CoreStage } from "./core-stage.ts";
import { CoreWorld } from "./core-world.ts";

/** The stages of a process, prepared as they are needed: by then the connection has a copy of something. */
export class CoreStages {
  readonly #clock: SimulatedClock;
  readonly #prepared = new Map<Manner, CoreStage>();

  constructor(clock: SimulatedClock) {
    this.#clock = clock;
  }

  /** A world of its own on a stage as it was prepared, whatever has been played on it since. */
  async world(manner: Manner, seed: number): Promise<CoreWorld> {
    const stage = this.#prepared.get(manner) ?? (await this.#prepare(manner));
    stage.putBack();
    return new CoreWorld(this.#clock, stage, seed);
  }

  async #prepare(manner: Manner): Promise<CoreStage> {
    const stage = new CoreStage(manner);
    const world = new CoreWorld(this.#clock, stage, 0);
    await world.begin();
    await world.passage.pass(FIRST_SYNC_MS);
    await world.close();
    stage.keep(world.standing);
    this.#prepared.set(manner, stage);
    return stage;
  }
}
