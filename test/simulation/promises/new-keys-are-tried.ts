import type { SimulatedUpstream } from "#test/simulation/simulated-upstream";
import type { View } from "#test/simulation/view";
import { isRefused } from "./paused.ts";
import type { WatchedPromise } from "./promise.ts";

/** Credentials that were replaced are not held against those that took their place. */
export class NewKeysAreTried implements WatchedPromise {
  readonly #upstream: SimulatedUpstream;

  constructor(upstream: SimulatedUpstream) {
    this.#upstream = upstream;
  }

  breaches({ connection, jobs }: View): string[] {
    if (connection === null || !isRefused(connection, jobs.at(-1))) return [];
    return this.#upstream.refusedAt >= connection.credentialsChangedAt
      ? []
      : ["The connection waits for new credentials, and those that it has were never refused."];
  }
}
