import type { Manner } from "#test/support/moving-upstream";
import { BEGINNING } from "#test/simulation/setting";
import type { Standing } from "#test/simulation/stage";
import { MemoryDisk } from "./memory-disk.ts";
import { MemoryProjection } from "./memory-projection.ts";

/** What a world of the core stores, prepared once and used by one history after another. */
export class CoreStage {
  readonly manner: Manner;
  readonly disk = new MemoryDisk();
  readonly projection = new MemoryProjection();
  /** What the receiver of events has, as `jobId type` by id. */
  readonly received = new Map<string, string>();
  #received: ReadonlyMap<string, string> = new Map();
  #standing: Standing = { now: BEGINNING, ids: { count: 0, lastAt: 0 }, taken: [] };

  constructor(manner: Manner) {
    this.manner = manner;
  }

  get standing(): Standing {
    return this.#standing;
  }

  /** Every history begins here from now on. */
  keep(standing: Standing): void {
    this.#standing = standing;
    this.#received = new Map(this.received);
    this.disk.keep();
    this.projection.keep();
  }

  /** Undoes what a history did. */
  putBack(): void {
    this.disk.putBack();
    this.projection.putBack();
    this.received.clear();
    for (const [id, event] of this.#received) this.received.set(id, event);
  }
}
