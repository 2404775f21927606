import type { Sight } from "./sight.ts";

/** The keys of a source that has a new one for each connection that asks, and takes the old ones until they expire. */
export class ApiKeys {
  readonly #secretOf: (number: number) => string;
  /** What each has ever shown, by its secret. */
  readonly #sights = new Map<string, Sight>();
  readonly #good = new Set<string>();

  constructor(secretOf: (number: number) => string) {
    this.#secretOf = secretOf;
  }

  issue(sight: Sight): string {
    const secret = this.#secretOf(this.#sights.size + 1);
    this.#sights.set(secret, sight);
    this.#good.add(secret);
    return secret;
  }

  /** None of those that there are is good any longer. */
  expire(): void {
    this.#good.clear();
  }

  accepts(secret: string): boolean {
    return this.#good.has(secret);
  }

  sightOf(secret: string): Sight {
    return this.#sights.get(secret) ?? "all";
  }

  /** All that there ever were. */
  secrets(): readonly string[] {
    return [...this.#sights.keys()];
  }
}
