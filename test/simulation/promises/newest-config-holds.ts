import type { View } from "#test/simulation/view";
import { Register } from "#test/support/register";
import type { WatchedPromise } from "./promise.ts";

/** What an owner was told is stored stays, until somebody stores something else: no older config comes back. */
export class NewestConfigHolds implements WatchedPromise {
  readonly #editions = new Register(0);
  #sent = 0;
  #over = 0;

  /** An edition is asked for. Call what it answers with whether that was accepted. */
  send(edition: number): (isAccepted: boolean) => void {
    this.#sent += 1;
    const isOver = this.#editions.send(edition);
    return (isAccepted) => {
      this.#over += 1;
      isOver(isAccepted);
    };
  }

  /** How many have been answered, if none is under way: nobody stores another config until there are more. */
  get answered(): number | null {
    return this.#sent === this.#over ? this.#over : null;
  }

  breaches({ connection }: View): string[] {
    const possible = this.#editions.possible();
    if (connection === null || possible.includes(connection.config.edition)) return [];
    return [`The config is of edition ${connection.config.edition}, after ${possible.join(" or ")} was stored.`];
  }
}
