import * as fc from "fast-check";

import type { Trial } from "./trial.ts";
import type { WatchedConnection } from "./watched-connection.ts";

/** What a history has to remember to know what may come next. */
export interface Plot {
  readonly connections: number;
  readonly erased: Set<number>;
}

export function isThere({ connections, erased }: Readonly<Plot>, number: number): boolean {
  return !erased.has(number % connections);
}

export function erase({ connections, erased }: Plot, number: number): void {
  erased.add(number % connections);
}

/** One thing that happens, in words and in deed. */
export class Happening implements fc.AsyncCommand<Plot, Trial> {
  readonly #words: string;
  readonly #deed: (trial: Trial, plot: Plot) => Promise<void> | void;
  readonly #isPossible: (plot: Readonly<Plot>) => boolean;

  constructor(
    words: string,
    deed: (trial: Trial, plot: Plot) => Promise<void> | void,
    isPossible: (plot: Readonly<Plot>) => boolean = () => true,
  ) {
    this.#words = words;
    this.#deed = deed;
    this.#isPossible = isPossible;
  }

  check(plot: Readonly<Plot>): boolean {
    return this.#isPossible(plot);
  }

  async run(plot: Plot, trial: Trial): Promise<void> {
    await this.#deed(trial, plot);
    await trial.step();
  }

  toString(): string {
    return this.#words;
  }
}

/** Which connection of the world, mostly the first; in a world of fewer it is another one. */
export const which = fc.constantFrom(0, 0, 0, 0, 1, 2);
export const NAMES = ["It", "The second one", "The third one"];

/** Something that is done to one connection, as long as it is there. */
export function toOne(
  words: (name: string) => string,
  deed: (trial: Trial, on: WatchedConnection) => Promise<void> | void,
): fc.Arbitrary<Happening> {
  return which.map(
    (number) =>
      new Happening(
        words(NAMES[number] ?? ""),
        (trial) => deed(trial, trial.connection(number)),
        (plot) => isThere(plot, number),
      ),
  );
}
