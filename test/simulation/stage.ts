import type { Manner } from "#test/support/moving-upstream";
import type { CountingIds } from "./counting-ids.ts";
import { MemorySqlite } from "./platform/memory-sqlite.ts";
import { Disk } from "./platform/object-storage.ts";
import { TABLES } from "./setting.ts";
import type { Taken } from "./simulated-world.ts";

/** Where a world stands besides its storages. */
export interface Standing {
  readonly now: number;
  readonly ids: CountingIds["standing"];
  readonly taken: readonly Taken[];
}

/**
 * The storages of a world, which are prepared once and used by one history after another: making tables and a first
 * copy takes longer than the rest of a history.
 */
export class Stage {
  readonly manner: Manner;
  readonly database = new MemorySqlite();
  readonly deliveries = new Disk();
  readonly connections: readonly Disk[];
  #standing: Standing;

  /** @param beginning epoch milliseconds */
  constructor(manner: Manner, connections: number, beginning: number) {
    this.manner = manner;
    this.connections = Array.from({ length: connections }, () => new Disk());
    this.#standing = { now: beginning, ids: { count: 0, lastAt: 0 }, taken: [] };
    for (const statements of TABLES) this.database.all(statements);
  }

  get standing(): Standing {
    return this.#standing;
  }

  /** Every history begins here from now on. */
  keep(standing: Standing): void {
    this.#standing = standing;
    for (const each of [this.database, this.deliveries, ...this.connections]) each.keep();
  }

  /** Undoes what a history did. */
  putBack(): void {
    for (const each of [this.database, this.deliveries, ...this.connections]) each.putBack();
  }
}
