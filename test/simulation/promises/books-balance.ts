import type { Job } from "#core/job";
import type { StreamState } from "#core/stream-state";
import { numberIn } from "#test/simulation/given-pages";
import { streamOf, type SimulatedUpstream } from "#test/simulation/simulated-upstream";
import type { ChangeRow, View } from "#test/simulation/view";
import { hasEnded } from "./ended.ts";
import { LastLook, type WatchedPromise } from "./promise.ts";

interface Tally {
  inserted: number;
  updated: number;
  deleted: number;
}

/**
 * The change feed, replayed from nothing, is the copy; counts are what the feed says; nothing is deleted that the
 * upstream has had all along, and shows to the key by which it was looked for, nor anything by a pass of several keys; a
 * job that has ended does nothing any more.
 */
export class BooksBalance implements WatchedPromise {
  readonly #upstream: SimulatedUpstream;
  /** The last change of each entity that the feed has told of, by stream number and id. */
  readonly #replayed = new Map<string, number>();
  readonly #tallies = new Map<string, Tally>();
  /** What jobs had deleted when the config was changed under them. */
  readonly #underOther = new Map<string, number>();
  #edition = 0;
  /** Jobs that had ended at the last look. */
  readonly #ended = new Set<string>();

  /** Jobs that have ended, and whose counts were looked at. */
  readonly #balanced = new WeakSet<Job>();
  readonly #lastCopy = new LastLook();
  readonly #lastCounts = new LastLook();

  constructor(upstream: SimulatedUpstream) {
    this.#upstream = upstream;
  }

  breaches(view: View): string[] {
    if (view.connection === null) return [];
    const jobs = new Map(view.jobs.map((job) => [job.id, job]));
    const streams = new Map(view.streams.map((stream) => [stream.number, stream]));
    const breaches = view.changes.flatMap((change) => {
      return this.#apply(change, jobs.get(change.jobId), streams.get(change.stream) ?? null);
    });
    for (const { id, status } of view.jobs) if (hasEnded(status)) this.#ended.add(id);
    this.#noteConfig(view);
    return [...breaches, ...this.#copyBreaches(view), ...this.#countBreaches(view)];
  }

  #apply(change: ChangeRow, job: Job | undefined, of: StreamState | null): string[] {
    const { seq, stream, jobId, upserts, deletes, at } = change;
    if (job === undefined) return [`Change ${seq} is of job ${jobId}, which does not exist.`];
    const breaches: string[] = [];
    if (this.#ended.has(jobId)) breaches.push(`Job ${jobId} had ended and made change ${seq}.`);
    if (job.completedAt !== null && at > job.completedAt) breaches.push(`Change ${seq} came after its job's end.`);
    const tally = this.#tallies.get(jobId) ?? { inserted: 0, updated: 0, deleted: 0 };
    this.#tallies.set(jobId, tally);
    for (const id of upserts) {
      tally[this.#replayed.has(`${stream} ${id}`) ? "updated" : "inserted"] += 1;
      this.#replayed.set(`${stream} ${id}`, seq);
    }
    for (const id of deletes) {
      tally.deleted += 1;
      if (!this.#replayed.delete(`${stream} ${id}`)) breaches.push(`Change ${seq} deletes ${id}, which was not there.`);
      const objection = of === null ? null : this.#objection(of, id, job);
      if (objection !== null) breaches.push(`Change ${seq} deletes ${id} of ${of?.name}, ${objection}.`);
    }
    return breaches;
  }

  /** Why a job may not delete it; null where it may. */
  #objection({ name, progress }: StreamState, id: string, job: Job): string | null {
    const stream = streamOf(name);
    // Of a job that is not the newest any more it can't be told what it read.
    const place = progress?.jobId === job.id ? numberIn(progress.checkpoint) : null;
    const pages = this.#upstream.given(stream).upTo(place, Number.NEGATIVE_INFINITY);
    const own = new Set(pages.map(({ key }) => key));
    const isOrphan = !pages.some(({ tombstones }) => tombstones.includes(id));
    if (isOrphan && own.size > 1) return `by a pass in which ${own.size} keys were used`;
    const { keys } = this.#upstream;
    const isShown = own.size > 0 ? keys.allShow(own, id) : keys.showAlways(id);
    const isThere = !this.#upstream.wasAbsentSince(stream, id, job.createdAt);
    return isThere && isShown ? "which the upstream has had all along" : null;
  }

  #copyBreaches({ entities, streams }: View): string[] {
    if (this.#lastCopy.isSame(entities, streams)) return [];
    const breaches: string[] = [];
    for (const [key, { seq }] of entities) {
      if (this.#replayed.get(key) !== seq)
        breaches.push(`Entity ${key} changed in ${seq}, and the feed says otherwise.`);
    }
    for (const key of this.#replayed.keys()) {
      if (!entities.has(key)) breaches.push(`The feed has entity ${key}, and the copy has not.`);
    }
    for (const { name, number, count } of streams) {
      const held = [...entities.keys()].filter((key) => key.startsWith(`${number} `)).length;
      if (held !== count) breaches.push(`Stream ${name} counts ${count} entities and has ${held}.`);
    }
    return breaches;
  }

  /** What an active job has deleted stays where another config begins it anew, and then it may fail. */
  #noteConfig({ connection, jobs }: View): void {
    const edition = connection?.config.edition ?? this.#edition;
    const active = jobs.at(-1);
    if (edition !== this.#edition && active !== undefined) {
      this.#underOther.set(active.id, this.#tallies.get(active.id)?.deleted ?? 0);
    }
    this.#edition = edition;
  }

  #deletedBefore(jobId: string): number {
    return this.#underOther.get(jobId) ?? 0;
  }

  #countBreaches({ jobs, streams }: View): string[] {
    if (this.#lastCounts.isSame(jobs, streams)) return [];
    return jobs.flatMap((job) => {
      // What has ended does not change any more: that is another promise.
      if (this.#balanced.has(job)) return [];
      const { id, status, counts, errorCategory } = job;
      if (hasEnded(status)) this.#balanced.add(job);
      const tally = this.#tallies.get(id) ?? { inserted: 0, updated: 0, deleted: 0 };
      const own = streams.flatMap(({ progress }) => (progress?.jobId === id ? [progress] : []));
      const said = hasEnded(status) ? [counts] : own.map((progress) => progress.counts);
      return [
        ...(["inserted", "updated", "deleted"] as const).flatMap((kind) => {
          const total = said.reduce((sum, each) => sum + each[kind], 0);
          return total === tally[kind] ? [] : [`Job ${id} says ${total} ${kind}; the feed says ${tally[kind]}.`];
        }),
        ...(status === "FAILED" && this.#upstream.manner !== "changes" && tally.deleted > this.#deletedBefore(id)
          ? [`Job ${id} failed (${errorCategory}) and deleted ${tally.deleted}.`]
          : []),
      ];
    });
  }
}
