import type { Named, Value } from "#sources/manifest/python/value";
import { limitError } from "#sources/manifest/python/python-error";
import type { Budget } from "#sources/manifest/python/regex";
import { MAX_STEPS, SIZE_OF_STEP, STEPS_OF_LARGE_INTEGER } from "./limits.ts";

/** What a template may use beyond its context. */
export interface TemplateEnvironment {
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly uuid: () => string;
}

/** Counts the work of one evaluation. */
export class Work {
  #steps = 0;
  /** For all the regular expressions of the evaluation together. */
  readonly regexBudget: Budget = { steps: 0 };

  /** Throws a LimitError once too much has been done. */
  spend(steps: number): void {
    this.#steps += steps;
    if (this.#steps > MAX_STEPS) throw limitError(`It takes more than the limit of ${MAX_STEPS} steps.`);
  }

  /** For something done with these values. */
  spendOn(...values: readonly Value[]): void {
    let steps = 1;
    for (const value of values) {
      if (typeof value === "string" || Array.isArray(value)) steps += value.length / SIZE_OF_STEP;
      else if (typeof value === "bigint" && BigInt.asIntN(64, value) !== value) steps += STEPS_OF_LARGE_INTEGER;
    }
    this.spend(steps);
  }
}

/** What filters, tests and functions get beside their arguments. */
export interface Tools {
  readonly environment: TemplateEnvironment;
  readonly work: Work;
  readonly callFilter: (name: string, value: Value, args: readonly Value[], named: Named) => Value;
  readonly callTest: (name: string, value: Value, args: readonly Value[], named: Named) => boolean;
}
