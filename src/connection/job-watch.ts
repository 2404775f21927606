import { isTerminal } from "#core/job";
import { jobProgress, type JobProgress } from "#core/job-progress";
import { accepted, refused, type Reply } from "#core/errors";
import type { JobControl } from "./job-control.ts";
import type { JobLogPage, Watched, WatchRequest } from "./rpc.ts";
import type { Stores } from "./stores.ts";
import { UNKNOWN_CURSOR } from "#core/unknown-cursor";

const NO_JOB = refused({ code: "not_found", message: "Sync job not found" });

/** Entries sent at a time to who was away. */
const CAUGHT_UP = 500;

/** What watchers see of jobs: their progress, and their log. Reads only. */
export class JobWatch {
  readonly #stores: Stores;
  readonly #jobs: JobControl;
  readonly #now: () => number;
  readonly #isAtWork: () => boolean;

  constructor(stores: Stores, jobs: JobControl, now: () => number, isAtWork: () => boolean) {
    this.#stores = stores;
    this.#jobs = jobs;
    this.#now = now;
    this.#isAtWork = isAtWork;
  }

  /**
   * Answers once there is something that the watcher has not seen. It is held back for that only while a slice is at
   * work: the object is billed then anyway, and the slice's end, seconds away, is the latest answer. A job that waits is
   * answered at once, so that its object can sleep.
   */
  async watch(jobId: string, seen: WatchRequest): Promise<Reply<Watched>> {
    const seenNow = this.#look(jobId, seen);
    if (!seenNow.ok || !seenNow.value.isHeld || isNews(seenNow.value, seen)) return seenNow;
    const change = this.#jobs.watchers.next();
    if (change === null) return accepted({ ...seenNow.value, isHeld: false });
    await change;
    return this.#stores.connection.read().deletedAt === null ? this.#look(jobId, seen) : NO_JOB;
  }

  log(jobId: string, { cursor, limit }: { readonly cursor: string | null; readonly limit: number }): Reply<JobLogPage> {
    const { jobs, log, cursors } = this.#stores;
    if (jobs.read(jobId) === null) return NO_JOB;
    const place = cursor === null ? "0" : cursors.open(listOf(jobId), cursor);
    if (place === null) return refused(UNKNOWN_CURSOR);
    const page = log.read(jobId, Number(place), limit);
    return accepted({ ...page, nextCursor: this.#cursorAt(jobId, page.next), isKept: log.keeps(jobId) });
  }

  #look(jobId: string, seen: WatchRequest): Reply<Watched> {
    const { log } = this.#stores;
    const progress = this.#progress(jobId);
    if (progress === null) return NO_JOB;
    const page =
      seen.logged === null ? { entries: [], next: log.length(jobId) } : log.read(jobId, seen.logged, CAUGHT_UP);
    const isHeld = this.#isAtWork() && !isTerminal(progress.job.status);
    return accepted({
      progress,
      entries: page.entries,
      logged: page.next,
      logCursor: this.#cursorAt(jobId, page.next),
      isHeld,
    });
  }

  #cursorAt(jobId: string, place: number): string {
    return this.#stores.cursors.seal(listOf(jobId), String(place));
  }

  #progress(jobId: string): JobProgress | null {
    const { jobs, streams } = this.#stores;
    const job = jobs.read(jobId);
    if (job === null) return null;
    return jobProgress(this.#jobs.live(job), streams.activeIn(jobId), jobs.planning(jobId).attempts, this.#now());
  }
}

function listOf(jobId: string): string {
  return `log of ${jobId}`;
}

function isNews({ progress, entries }: Watched, seen: WatchRequest): boolean {
  return progress.revision !== seen.revision || entries.length > 0;
}
