import type { Job, JobStatus } from "#core/job";
import type { View } from "#test/simulation/view";
import { hasEnded } from "./ended.ts";
import { LastLook, type WatchedPromise } from "./promise.ts";

/** What a status can turn into, by way of any others. */
const LATER: Record<JobStatus, readonly JobStatus[]> = {
  PENDING: ["RUNNING", "COMPLETED", "FAILED", "CANCELLING", "CANCELLED"],
  RUNNING: ["COMPLETED", "FAILED", "CANCELLING", "CANCELLED"],
  CANCELLING: ["CANCELLED"],
  COMPLETED: [],
  FAILED: [],
  CANCELLED: [],
};

/** A slice that began before the deadline may still commit pages: its budget, and a request that began at the end of it. */
const LAST_SLICE_MS = 10_000;

/** One active job, the newest; none is lost; what has ended does not change; what was promised to come after does. */
export class JobsEndOnce implements WatchedPromise {
  readonly #seen = new Map<string, Job>();
  readonly #accepted = new Set<string>();
  readonly #followed = new Set<string>();
  readonly #followedInFull = new Set<string>();
  readonly #cancelled = new Set<string>();
  /** Pages of each active job, as last seen. */
  readonly #pages = new Map<string, number>();
  /** Jobs that had pages to read at the last look. */
  readonly #reading = new Set<string>();
  readonly #last = new LastLook();

  /** A caller was told that this job runs. */
  accept(jobId: string): void {
    this.#accepted.add(jobId);
  }

  /** A caller was told that a job comes after this one. */
  promiseFollowUp(jobId: string, isFull: boolean): void {
    this.#followed.add(jobId);
    if (isFull) this.#followedInFull.add(jobId);
  }

  /** A caller was told that this job is being cancelled. */
  promiseCancel(jobId: string): void {
    this.#cancelled.add(jobId);
  }

  breaches({ jobs, connection, streams, now }: View): string[] {
    if (connection === null) return [];
    if (connection.deletedAt !== null) {
      const newest = jobs.at(-1);
      const isOver = newest === undefined || hasEnded(newest.status);
      return isOver ? [] : [`The connection is deleted, and job ${newest.id} is ${newest.status}.`];
    }
    if (this.#last.isSame(jobs, streams, this.#accepted.size, this.#followed.size, this.#cancelled.size)) return [];
    const breaches: string[] = [];
    const byId = new Map(jobs.map((job) => [job.id, job]));
    const active = jobs.filter(({ status }) => !hasEnded(status));
    if (active.length > 1) breaches.push(`${active.length} jobs are active at once.`);
    if (active[0] !== undefined && active[0] !== jobs.at(-1)) breaches.push("The active job is not the newest.");
    for (const id of this.#accepted) if (!byId.has(id)) breaches.push(`Job ${id} was accepted and is nowhere.`);
    for (const id of this.#followed) {
      const job = byId.get(id);
      const isOver = job !== undefined && hasEnded(job.status);
      if (isOver && jobs.at(-1) === job) breaches.push(`The run that was to follow job ${id} did not come.`);
    }
    for (const [place, { id, forcedFull }] of jobs.entries()) {
      const before = jobs[place - 1]?.id;
      if (before !== undefined && this.#followedInFull.has(before) && !forcedFull) {
        breaches.push(`Job ${id} follows job ${before}, was asked for in full, and reads less.`);
      }
    }
    for (const before of this.#seen.values()) breaches.push(...changesOf(before, byId.get(before.id)));
    for (const job of jobs) {
      const { waiting, deadlineAt, wakeAt, status } = job;
      if (this.#cancelled.has(job.id) && hasEnded(status) && status !== "CANCELLED") {
        breaches.push(`Somebody was told that job ${job.id} is cancelled, and it is ${status}.`);
      }
      if (waiting !== null && waiting.until > deadlineAt) breaches.push(`Job ${job.id} waits beyond its deadline.`);
      if ((wakeAt === null) !== hasEnded(status)) breaches.push(`Job ${job.id} is ${status} and wakes at ${wakeAt}.`);
      const own = streams.flatMap(({ progress }) => (progress?.jobId === job.id ? [progress] : []));
      const pages = own.reduce((total, progress) => total + progress.pages, 0);
      // Orphans that have been proven go on being deleted, after the last page.
      const isReading = this.#reading.has(job.id);
      if (own.some(({ phase }) => phase === "reading")) this.#reading.add(job.id);
      else this.#reading.delete(job.id);
      // One that could not begin before has its first slice.
      const lastSliceAt = Math.max(deadlineAt, job.startedAt ?? 0);
      if (isReading && pages > (this.#pages.get(job.id) ?? 0) && now > lastSliceAt + LAST_SLICE_MS) {
        breaches.push(`Job ${job.id} goes on ${now - deadlineAt} ms after its deadline.`);
      }
      this.#pages.set(job.id, pages);
      if (job.completedAt !== null && job.completedAt > now) breaches.push(`Job ${job.id} ends in the future.`);
      this.#seen.set(job.id, job);
    }
    return breaches;
  }
}

function changesOf(before: Job, after: Job | undefined): string[] {
  if (after === undefined) return [`Job ${before.id} is gone.`];
  if (after === before) return [];
  const breaches: string[] = [];
  // Told to D1 again it gets a new version, and is the same.
  const isSame = () => JSON.stringify({ ...after, version: 0 }) === JSON.stringify({ ...before, version: 0 });
  if (hasEnded(before.status) && !isSame()) breaches.push(`Job ${before.id} changed after it was ${before.status}.`);
  if (after.version <= before.version && isTold(before, after))
    breaches.push(`Job ${before.id} changed and its version did not grow.`);
  if (after.status !== before.status && !LATER[before.status].includes(after.status)) {
    breaches.push(`Job ${before.id} went from ${before.status} to ${after.status}.`);
  }
  return breaches;
}

/** Is what has changed something that others are told? Whether deletes are confirmed is the object's own business. */
function isTold(before: Job, after: Job): boolean {
  return JSON.stringify({ ...after, deletesConfirmed: true }) !== JSON.stringify({ ...before, deletesConfirmed: true });
}
