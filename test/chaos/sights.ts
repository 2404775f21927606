import { Register } from "#test/support/register";
import type { Sight } from "./sight.ts";

/** What the credentials of a connection show, as its owner changes them. */
export class Sights {
  readonly #register = new Register<Sight>("all");
  #sinceFullSync: ReadonlySet<Sight> = new Set(["all"]);

  /**
   * New credentials are on their way to it.
   *
   * @returns to be called when that is over, with whether they were accepted
   */
  send(sight: Sight): (isAccepted: boolean) => void {
    this.#sinceFullSync = new Set([...this.#sinceFullSync, sight]);
    return this.#register.send(sight);
  }

  /** What those show that it has; where several were on their way at once, it may be others. */
  get now(): Sight {
    return this.#register.possible().at(-1) ?? "all";
  }

  /** All has been read with those that it has now. */
  readInFull(): void {
    this.#sinceFullSync = new Set([this.now]);
  }

  /** What was shown since all was read last: a sync from cursors looks for nothing else than all of these show. */
  get sinceFullSync(): ReadonlySet<Sight> {
    return this.#sinceFullSync;
  }
}
