import type { SimulatedUpstream } from "#test/simulation/simulated-upstream";
import type { View } from "#test/simulation/view";
import type { WatchedPromise } from "./promise.ts";

/** A source that says when to come back is not asked before, and not later either. */
export class WaitsAsAsked implements WatchedPromise {
  readonly #upstream: SimulatedUpstream;

  constructor(upstream: SimulatedUpstream) {
    this.#upstream = upstream;
  }

  breaches({ streams }: View): string[] {
    return streams.flatMap(({ name, progress }) => {
      if (progress === null || progress.reasonKind !== "rate_limit" || progress.retryAt === null) return [];
      return this.#upstream.askedFor.has(progress.retryAt)
        ? []
        : [`Stream ${name} is read again at ${progress.retryAt}, which is not when its source said.`];
    });
  }
}
