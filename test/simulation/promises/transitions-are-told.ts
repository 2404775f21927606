import type { JobStatus } from "#core/job";
import type { View } from "#test/simulation/view";
import { isRefused } from "./paused.ts";
import { LastLook, type WatchedPromise } from "./promise.ts";

/** In which a job's transitions come about. The last three exclude each other. */
const ORDER = ["sync.pending", "sync.running", "sync.cancelling", "sync.completed", "sync.failed", "sync.cancelled"];

interface Transition {
  readonly id: string;
  /** Where it comes among those of its job; -1 for what is no transition. */
  readonly place: number;
}

/** Each transition of a job is an event, written with it: there is one for each status that it reached, and no other; who hears of them, hears in order. */
export class TransitionsAreTold implements WatchedPromise {
  /** Statuses that each job was seen in. */
  readonly #reached = new Map<string, Set<JobStatus>>();
  /** Jobs whose credentials were refused, which is told of the connection. */
  readonly #refused = new Set<string>();
  readonly #last = new LastLook();
  readonly #parsed = new Map<string, Transition>();
  #heard = new Heard();

  breaches({ connection, jobs, events }: View): string[] {
    if (connection === null || this.#last.isSame(jobs, events)) return [];
    const breaches: string[] = [];
    if (!this.#heard.isBeginningOf(events)) this.#heard = new Heard();
    const { told, newest } = this.#heard;
    for (const event of this.#heard.unheard(events)) {
      const { id, place } = this.#transitionOf(event);
      if (place === -1) continue;
      if (place < (newest.get(id) ?? 0)) breaches.push(`"${event}" is told after what came after it.`);
      newest.set(id, place);
      if (told.has(event)) breaches.push(`There are two events "${event}".`);
      told.add(event);
    }
    for (const { id, status, startedAt } of jobs) {
      const reached = this.#reached.get(id) ?? new Set<JobStatus>(["PENDING"]);
      this.#reached.set(id, reached.add(status));
      if (startedAt !== null) reached.add("RUNNING");
      for (const each of reached) {
        if (!told.has(`${id} sync.${each.toLowerCase()}`)) breaches.push(`Nobody is told that job ${id} was ${each}.`);
      }
    }
    const newestJob = jobs.at(-1);
    if (newestJob !== undefined && isRefused(connection, newestJob)) this.#refused.add(newestJob.id);
    const times = this.#refused.size === 0 ? 0 : events.filter(isRefusal).length;
    if (times < this.#refused.size) {
      breaches.push(`The credentials were refused by ${this.#refused.size} jobs, and that was told ${times} times.`);
    }
    return breaches;
  }

  /** The same events are looked at again and again. */
  #transitionOf(event: string): Transition {
    const known = this.#parsed.get(event);
    if (known !== undefined) return known;
    const [id = "", type = ""] = event.split(" ");
    const transition = { id, place: ORDER.indexOf(type) };
    this.#parsed.set(event, transition);
    return transition;
  }
}

/** What was made of the events so far. Nearly always, new ones come after those that were there. */
class Heard {
  readonly told = new Set<string>();
  /** The last place of each job. */
  readonly newest = new Map<string, number>();
  #events: readonly string[] = [];

  isBeginningOf(events: readonly string[]): boolean {
    return this.#events.every((event, place) => event === events[place]);
  }

  /** Those that come after; they are heard now. */
  unheard(events: readonly string[]): readonly string[] {
    const news = events.slice(this.#events.length);
    this.#events = events;
    return news;
  }
}

function isRefusal(event: string): boolean {
  return event.endsWith(" source_connection.needs_reauth");
}
