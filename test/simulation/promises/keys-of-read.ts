import type { StreamProgress } from "#core/stream-state";
import { numberIn, type GivenPages } from "#test/simulation/given-pages";

/** Where a job began to read a stream, and whether it has had other credentials since. */
interface Beginning {
  readonly jobId: string;
  /** The page that it went on from, if an earlier job had left one. */
  readonly page: number;
  readonly credentialsChangedAt: number;
  isOnWithOthers: boolean;
}

/**
 * The keys by which a job has read a stream as far as it has. What an earlier job left is read on with the keys that it
 * was read with, or not at all; but whoever gets other credentials on the way goes on where it is, also from there.
 */
export class KeysOfRead {
  #beginning: Beginning | null = null;
  #lastPage = 0;
  #changedAt = 0;

  /** To be called at each look. */
  of({ jobId, checkpoint }: StreamProgress, credentialsChangedAt: number, given: GivenPages): ReadonlySet<string> {
    const page = numberIn(checkpoint);
    const known = this.#beginning?.jobId === jobId ? this.#beginning : null;
    // Which came first where both have come since the last look there is no telling.
    const beginning = known ?? {
      jobId,
      page: this.#lastPage,
      credentialsChangedAt,
      isOnWithOthers: credentialsChangedAt !== this.#changedAt,
    };
    if (beginning.credentialsChangedAt !== credentialsChangedAt) beginning.isOnWithOthers = true;
    this.#beginning = beginning;
    this.#lastPage = page ?? this.#lastPage;
    this.#changedAt = credentialsChangedAt;
    const whole = given.keysUpTo(page, Number.NEGATIVE_INFINITY);
    const own = given.keysUpTo(page, beginning.page);
    return beginning.isOnWithOthers || own.size === 0 ? whole : own;
  }
}
