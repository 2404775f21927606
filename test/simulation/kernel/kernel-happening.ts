import type * as fc from "fast-check";

import type { KernelTrial } from "./kernel-trial.ts";

/** What tells whether something may happen. */
export type Circumstances = Pick<KernelTrial, "world" | "on">;

/** One thing that happens to the kernel, in words and in deed. */
export class KernelHappening implements fc.Command<KernelTrial, KernelTrial> {
  readonly #words: string;
  readonly #deed: (trial: KernelTrial) => void;
  readonly #isPossible: (circumstances: Circumstances) => boolean;

  constructor(
    words: string,
    deed: (trial: KernelTrial) => void,
    isPossible: (circumstances: Circumstances) => boolean = ({ on }) => !on.isErased,
  ) {
    this.#words = words;
    this.#deed = deed;
    this.#isPossible = isPossible;
  }

  check(trial: Circumstances): boolean {
    return this.#isPossible(trial);
  }

  run(_model: KernelTrial, trial: KernelTrial): void {
    this.#deed(trial);
    trial.check();
  }

  toString(): string {
    return this.#words;
  }
}
