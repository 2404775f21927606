import { accepted, refused, type Reply } from "#core/errors";
import { isTerminal, transition, type Job, type JobEvent } from "#core/job";
import { jobEntries } from "#core/job-entries";
import { newJob } from "#core/new-job";
import { isRead } from "#core/stream-state";
import { UNKNOWN_CURSOR } from "#core/unknown-cursor";
import type { JobEnded } from "#observability/events";
import { log as logLine } from "#observability/log";
import { announceConnection, announceJob } from "./announce.ts";
import type { Connection } from "./connection-store.ts";
import type { FollowUp } from "./job-store.ts";
import type { JobPage, RunRequest } from "./rpc.ts";
import { settlePlan } from "./schedule-plan.ts";
import type { Stores } from "./stores.ts";
import { allRejections, totalCounts, totalPages } from "./stream-store.ts";
import type { Surroundings } from "./surroundings.ts";
import { tellOfJob } from "./tell.ts";
import { Watchers } from "./watchers.ts";

/**
 * How long a new job waits before its first slice: about as long as D1 takes to have its row. Answers are held back
 * until all writes of the object are durable, so a slice that begins at once would delay the answer to `run`.
 */
const START_DELAY_MS = 25;

/** What a cursor of the listing is signed for. */
const LIST = "jobs";

/** What a new job takes from the configuration of its source and its connection. */
export interface JobTerms {
  /** Does the source continue from cursors? */
  readonly isContinuous: boolean;
  readonly deadlineMs: number;
  /** How far due times of schedules are spread. */
  readonly jitterMs: number;
}

/** Starts, cancels and changes jobs. Each method is one transaction: what it read is still true when it writes. */
export class JobControl {
  readonly #stores: Stores;
  readonly #around: Surroundings;
  readonly #terms: () => JobTerms;
  readonly watchers = new Watchers();

  constructor(stores: Stores, around: Surroundings, terms: () => JobTerms) {
    this.#stores = stores;
    this.#around = around;
    this.#terms = terms;
  }

  run(request: RunRequest): Reply<Job> {
    const { jobs, sql } = this.#stores;
    return sql.transaction(() => {
      const key = request.idempotencyKey;
      const repeated = key === null ? null : jobs.byIdempotencyKey(key, this.#around.now());
      if (repeated !== null) return accepted(this.live(repeated));
      const active = jobs.active();
      if (active !== null && request.onConflict === "reject") return refused(alreadyActive(this.live(active)));
      if (active !== null && request.onConflict === "queue") jobs.queueFollowUp(request);
      const job = active ?? this.#begin(request);
      if (key !== null) jobs.rememberKey(key, job.id, this.#around.now());
      return accepted(this.live(job));
    });
  }

  /** @param isSliceAtWork a slice in memory will notice; without one the job ends here */
  cancel(jobId: string, isSliceAtWork: boolean): Reply<Job> {
    return this.#stores.sql.transaction(() => {
      const job = this.#stores.jobs.read(jobId);
      if (job === null) return refused({ code: "not_found", message: "Sync job not found" });
      if (isTerminal(job.status)) {
        const message = `Cannot cancel job in ${job.status} state: it has already ended.`;
        return refused({ code: "job_finished", message, job });
      }
      const cancelling = this.record(job.id, { type: "cancel_requested" });
      return accepted(isSliceAtWork ? cancelling : this.record(job.id, { type: "stopped" }));
    });
  }

  /** Applies an event to a job and tells D1. An event that changes nothing writes nothing. */
  record(jobId: string, event: JobEvent): Job {
    const { jobs, log, sql, streams } = this.#stores;
    return sql.transaction(() => {
      const before = jobs.read(jobId);
      if (before === null) throw new Error("There is no such job to record an event of.");
      const active = streams.activeIn(jobId);
      const job = transition(before, event, this.#around.now());
      if (job === before) return this.live(job);
      const counted = { ...job, counts: totalCounts(active), rejections: allRejections(active) };
      jobs.write(counted);
      log.append(jobId, jobEntries(before, counted, this.#around.now()));
      this.watchers.wake();
      announceJob(this.#stores, counted);
      if (counted.status !== before.status) tellOfJob(this.#stores, this.#around, counted);
      if (isTerminal(counted.status)) this.#afterEnd(counted);
      if (counted.status !== before.status) {
        settlePlan(this.#stores, { now: this.#around.now(), jitterMs: this.#terms().jitterMs });
        announceConnection(this.#stores);
      }
      return counted;
    });
  }

  /** A job with counts of this moment; those of one that has ended are final. */
  live(job: Job): Job {
    if (isTerminal(job.status)) return job;
    const active = this.#stores.streams.activeIn(job.id);
    return { ...job, counts: totalCounts(active), rejections: allRejections(active) };
  }

  /** Pages that it has committed, and whether it has read all of what it listed. */
  progress(jobId: string): { readonly pages: number; readonly hasRead: boolean } {
    const active = this.#stores.streams.activeIn(jobId);
    const hasRead = active.every(isRead) && this.#stores.jobs.planning(jobId).isPlanned;
    return { pages: totalPages(active), hasRead };
  }

  job(jobId: string): Reply<Job> {
    const job = this.#stores.jobs.read(jobId);
    return job === null ? refused({ code: "not_found", message: "Sync job not found" }) : accepted(this.live(job));
  }

  list({ limit, cursor }: { readonly limit: number; readonly cursor: string | null }): Reply<JobPage> {
    const { cursors } = this.#stores;
    const before = cursor === null ? null : cursors.open(LIST, cursor);
    if (cursor !== null && before === null) return refused(UNKNOWN_CURSOR);
    const jobs = this.#stores.jobs.list(limit + 1, before);
    const page = jobs.slice(0, limit).map((job) => this.live(job));
    const last = jobs.length > limit ? page.at(-1) : undefined;
    return accepted({ jobs: page, nextCursor: last === undefined ? null : cursors.seal(LIST, last.id) });
  }

  #begin(request: FollowUp): Job {
    const { jobs, streams, entities } = this.#stores;
    const now = this.#around.now();
    // The newest job is the active one, so a clock that was set back must not put a job before an earlier one.
    const createdAt = Math.max(now, (jobs.newest()?.createdAt ?? 0) + 1);
    const terms = this.#terms();
    const isIncremental =
      terms.isContinuous && !request.forceFullSync && streams.all().some(({ cursor }) => cursor !== null);
    const job = newJob({
      id: this.#around.newId(createdAt),
      connectionId: this.#stores.connection.read().id,
      trigger: request.trigger,
      mode: isIncremental ? "incremental" : "full",
      forcedFull: request.forceFullSync,
      deletesConfirmed: request.confirmDeletes,
      createdAt,
      deadlineAt: now + terms.deadlineMs,
      wakeAt: now + START_DELAY_MS,
    });
    jobs.write(job);
    jobs.prune();
    this.#stores.log.prune();
    const runs = jobs.runs();
    jobs.saveRuns({ ...runs, total: runs.total + 1 });
    // What a job that did not finish had seen proves nothing for this one.
    entities.clearAllMarks();
    announceJob(this.#stores, job);
    tellOfJob(this.#stores, this.#around, job);
    return job;
  }

  #afterEnd(job: Job): void {
    const { jobs, connection } = this.#stores;
    logLine(jobEnded(connection.read(), job));
    const runs = jobs.runs();
    if (job.status === "COMPLETED") jobs.saveRuns({ ...runs, successful: runs.successful + 1 });
    if (job.status === "FAILED") jobs.saveRuns({ ...runs, failed: runs.failed + 1 });
    const followUp = jobs.followUp();
    if (followUp === null) return;
    jobs.dropFollowUp();
    if (connection.read().deletedAt === null) this.#begin(followUp);
  }
}

function alreadyActive(job: Job) {
  const message =
    `Cannot start new sync: a sync job is already ${job.status.toLowerCase()}. ` +
    "Wait for it, cancel it, or pass on_conflict=attach or on_conflict=queue.";
  return { code: "job_active", message, job } as const;
}

function jobEnded(connection: Connection, job: Job): JobEnded {
  return {
    event: "job_ended",
    source_connection_id: connection.id,
    organization_id: connection.organizationId,
    source: connection.shortName,
    job_id: job.id,
    status: job.status,
    trigger: job.trigger,
    sync_mode: job.mode,
    error_category: job.errorCategory,
    duration_ms: (job.completedAt ?? job.createdAt) - job.createdAt,
    ...job.counts,
  };
}
