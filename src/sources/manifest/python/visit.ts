import { MAX_DEPTH, MAX_VISITS } from "./limits.ts";
import { limitError } from "./python-error.ts";

/**
 * Counts the values that are looked at on a walk through a value. One that holds another twice, which again holds one
 * twice and so on, is small, but the walk would not end.
 */
export class Visit {
  #count = 0;
  #depth = 0;

  /** Looks at what is inside a value. Throws a LimitError once it is too deep, or the walk too long. */
  within<T>(look: () => T): T {
    this.#count += 1;
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw limitError(`A value is nested deeper than the limit of ${MAX_DEPTH} levels.`);
    if (this.#count > MAX_VISITS)
      throw limitError(`A value holds more than the limit of ${MAX_VISITS} lists and dicts.`);
    const result = look();
    this.#depth -= 1;
    return result;
  }
}
