import { isTerminal } from "#core/job";
import type { JobBody } from "#http/schemas/job";

/** A delivery by webhook or a run that the Worker accepted, and that a job has to follow. */
interface Promised {
  readonly what: string;
  readonly askedAt: number;
  /** The job that was promised; null for any that begins later. */
  readonly jobId: string | null;
}

/** All that the Worker ever said of one connection's jobs: what it may not take back. */
export class Ledger {
  /** As they were seen first when they had ended. */
  readonly #ended = new Map<string, JobBody>();
  readonly #accepted = new Map<string, string>();
  readonly #keys = new Map<string, string>();
  readonly #promised: Promised[] = [];
  readonly #followed = new Map<string, string>();
  readonly #cancelled = new Set<string>();
  readonly #delivered = new Set<string>();
  readonly #pauses: { readonly from: number; readonly to: number }[] = [];
  readonly #broken: string[] = [];

  /** @param askedAt when the question was sent: what was asked earlier may know less */
  saw(job: JobBody, askedAt: number, endedBefore: ReadonlySet<string>): void {
    const ended = this.#ended.get(job.id);
    if (ended === undefined) {
      if (isTerminal(job.status)) this.#ended.set(job.id, job);
      return;
    }
    if (!endedBefore.has(job.id) || JSON.stringify(ended) === JSON.stringify(job)) return;
    this.#broken.push(
      `A job that had ended changed: ${JSON.stringify(ended)} became ${JSON.stringify(job)} (asked at ${askedAt}).`,
    );
  }

  /** Jobs that are known to have ended, to be taken before a question is sent. */
  endedNow(): ReadonlySet<string> {
    return new Set(this.#ended.keys());
  }

  broke(promise: string): void {
    this.#broken.push(promise);
  }

  accepted(jobId: string, how: string): void {
    this.#accepted.set(jobId, how);
  }

  /** The same key stands for the same job. */
  keyed(key: string, jobId: string): void {
    const known = this.#keys.get(key);
    if (known !== undefined && known !== jobId) {
      this.#broken.push(`The Idempotency-Key ${key} stood for the job ${known}, and then for ${jobId}.`);
    }
    this.#keys.set(key, jobId);
  }

  promised(what: string, askedAt: number, jobId: string | null): void {
    this.#promised.push({ what, askedAt, jobId });
  }

  /** It was said that the job is being cancelled. */
  cancelled(jobId: string): void {
    this.#cancelled.add(jobId);
  }

  /** Deliveries that are known to have been taken in, to be taken before one is sent. */
  hasDelivered(delivery: string): boolean {
    return this.#delivered.has(delivery);
  }

  /** @param wasKnown it had been taken in before it was sent this time */
  delivered(delivery: string, said: string, wasKnown: boolean): void {
    if (wasKnown && said !== "duplicate") this.#broken.push(`The delivery ${delivery} was taken in twice: ${said}.`);
    this.#delivered.add(delivery);
  }

  /** Epoch milliseconds: paused for certain in between. */
  paused(from: number, to: number): void {
    this.#pauses.push({ from, to });
  }

  /** One more job comes right after this one. */
  followed(jobId: string, what: string): void {
    this.#followed.set(jobId, what);
  }

  /** What was promised and is not so, by the list of all jobs, newest first. */
  brokenBy(jobs: readonly JobBody[]): readonly string[] {
    const known = new Set(jobs.map(({ id }) => id));
    const lost = [...this.#accepted]
      .filter(([id]) => !known.has(id))
      .map(([id, how]) => `The job ${id}, accepted by ${how}, is not there.`);
    const unkept = this.#promised
      .filter(({ askedAt, jobId }) => !jobs.some(({ id, created_at: at }) => id === jobId || Date.parse(at) >= askedAt))
      .map(({ what, askedAt }) => `No job came after ${what} of ${new Date(askedAt).toISOString()}.`);
    const alone = [...this.#followed]
      .filter(([jobId]) => !hasFollower(jobs, jobId))
      .map(([jobId, what]) => `No job came right after ${jobId}, though ${what} asked for one.`);
    const uncancelled = jobs
      .filter(({ id, status }) => this.#cancelled.has(id) && isTerminal(status) && status !== "CANCELLED")
      .map(({ id, status }) => `The job ${id} was being cancelled, and ended ${status}.`);
    const restless = jobs.flatMap((job, index) => {
      const at = Date.parse(job.created_at);
      const pause = this.#pauses.find(({ from, to }) => at > from && at < to);
      if (pause === undefined || job.trigger === "manual") return [];
      // What was to follow the job that was active then follows it.
      const before = jobs[index + 1];
      const wasThere = before !== undefined && Date.parse(before.created_at) <= pause.from;
      if (wasThere && isFollowUp(job, before)) return [];
      return [`The job ${job.id} was started by ${job.trigger} while the connection was paused.`];
    });
    return [...this.#broken, ...lost, ...unkept, ...alone, ...uncancelled, ...restless];
  }
}

/** The next job was made when this one ended, not by somebody who came later. */
function hasFollower(jobs: readonly JobBody[], jobId: string): boolean {
  const index = jobs.findIndex(({ id }) => id === jobId);
  const next = jobs[index - 1];
  return next !== undefined && isFollowUp(next, jobs[index]);
}

/** Was it made by the end of the job before it? */
function isFollowUp(job: JobBody, before: JobBody | undefined): boolean {
  if (before === undefined || before.completed_at === null) return false;
  return Date.parse(job.created_at) - Date.parse(before.completed_at) <= AT_ONCE_MS;
}

/** It is made in the transaction that ends the job: more than a step of the clock is what a busy machine adds. */
const AT_ONCE_MS = 400;
