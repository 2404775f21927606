import type { SimulatedUpstream } from "#test/simulation/simulated-upstream";
import type { StoredConnection } from "#test/simulation/stored";
import type { View } from "#test/simulation/view";
import { isRefused } from "./paused.ts";
import type { WatchedPromise } from "./promise.ts";

/** Credentials that were replaced are not held against those that took their place; and nothing else replaces them. */
export class NewKeysAreTried implements WatchedPromise {
  readonly #upstream: SimulatedUpstream;
  #before: StoredConnection | null = null;

  constructor(upstream: SimulatedUpstream) {
    this.#upstream = upstream;
  }

  breaches({ connection, jobs, now }: View): string[] {
    const before = this.#before;
    this.#before = connection;
    if (connection !== null && before !== null && isMisdated(before, connection, now)) {
      return ["By its account the connection got new credentials when it did not, or did not when it got some."];
    }
    if (connection === null || !isRefused(connection, jobs.at(-1))) return [];
    return this.#upstream.refusedAt >= connection.credentialsChangedAt
      ? []
      : ["The connection waits for new credentials, and those that it has were never refused."];
  }
}

/** Twice at one moment is the same moment. */
function isMisdated(before: StoredConnection, after: StoredConnection, now: number): boolean {
  const isNew = before.credentials.ciphertext !== after.credentials.ciphertext;
  const isSaidToBe = before.credentialsChangedAt !== after.credentialsChangedAt;
  return isNew ? !isSaidToBe && after.credentialsChangedAt !== now : isSaidToBe;
}
