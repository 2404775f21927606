import type { JobStatus } from "#core/job";
import type { View } from "#test/simulation/view";
import type { WatchedPromise } from "./promise.ts";

/** Each transition of a job is an event, written with it: there is one for each status that it reached, and no other. */
export class TransitionsAreTold implements WatchedPromise {
  /** Statuses that each job was seen in. */
  readonly #reached = new Map<string, Set<JobStatus>>();

  breaches({ connection, jobs, events }: View): string[] {
    if (connection === null) return [];
    const breaches: string[] = [];
    const times = Map.groupBy(events, (event) => event);
    for (const [event, { length }] of times) {
      if (length > 1 && event.includes(" sync.")) breaches.push(`There are ${length} events "${event}".`);
    }
    for (const { id, status, startedAt } of jobs) {
      const reached = this.#reached.get(id) ?? new Set<JobStatus>(["PENDING"]);
      this.#reached.set(id, reached.add(status));
      if (startedAt !== null) reached.add("RUNNING");
      for (const each of reached) {
        if (!times.has(`${id} sync.${each.toLowerCase()}`)) breaches.push(`Nobody is told that job ${id} was ${each}.`);
      }
    }
    return breaches;
  }
}
