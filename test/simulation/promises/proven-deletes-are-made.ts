import type { StreamProgress } from "#core/stream-state";
import type { View } from "#test/simulation/view";
import { LastLook, type WatchedPromise } from "./promise.ts";

/** A pass that proves deletes makes them; and one that began anew proves them, whatever kept the one before it from that. */
export class ProvenDeletesAreMade implements WatchedPromise {
  readonly #last = new LastLook();
  readonly #before = new Map<string, StreamProgress>();
  #credentialsChangedAt = 0;

  breaches({ streams, connection }: View): string[] {
    if (connection === null || this.#last.isSame(streams, connection)) return [];
    const { credentialsChangedAt } = connection;
    const areSame = credentialsChangedAt === this.#credentialsChangedAt;
    this.#credentialsChangedAt = credentialsChangedAt;
    return streams.flatMap(({ name, count, progress }) => {
      const before = this.#before.get(name);
      if (progress === null || progress === before) return [];
      this.#before.set(name, progress);
      const { full, phase, seen, restarts, isContinued, isMixed, nameless } = progress;
      if (restarts > 0 && isContinued) return [`Stream ${name} began anew, and is said to go on with an earlier read.`];
      const beganAnew = before?.jobId === progress.jobId && restarts > before.restarts;
      if (beganAnew && areSame && isMixed) return [`Stream ${name} began anew, and is said to be of two credentials.`];
      const isWhole = full && !isContinued && !isMixed && nameless === 0;
      return phase === "done" && isWhole && count !== seen
        ? [`Stream ${name} is done with a pass that saw ${seen} entities, and has ${count}.`]
        : [];
    });
  }
}
