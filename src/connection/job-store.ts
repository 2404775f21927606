import { z } from "zod";

import { failureKindSchema } from "#core/failure";
import { isTerminal, triggerSchema, type Job } from "#core/job";
import type { Documents } from "#storage/documents";
import type { Sql } from "#storage/sql";
import { JobRows } from "./job-rows.ts";

const runsSchema = z.object({ total: z.number(), successful: z.number(), failed: z.number() });
/** How many jobs there have been, and how they ended. */
export type Runs = z.infer<typeof runsSchema>;

const followUpSchema = z.object({
  trigger: triggerSchema,
  forceFullSync: z.boolean(),
  confirmDeletes: z.boolean(),
});
/** The one run that comes after the active one. */
export type FollowUp = z.infer<typeof followUpSchema>;

const planningSchema = z.object({
  jobId: z.string(),
  isPlanned: z.boolean(),
  attempts: z.number(),
  retryAt: z.number().nullable(),
  reason: z.string().nullable(),
  reasonKind: failureKindSchema.nullable().optional(),
});
export type StoredPlanning = z.infer<typeof planningSchema>;

/** Jobs between two prunings: each walks over all that are kept. */
const PRUNE_EVERY = 100;

/** The jobs of a connection, newest first by their ids, and what belongs to them. */
export class JobStore {
  readonly #rows: JobRows;
  readonly #documents: Documents;
  /** As it was read or written last: every call asks for it several times. Undefined where it has to be read. */
  #newest: Job | null | undefined = undefined;

  constructor(sql: Sql, documents: Documents, rows: JobRows = new JobRows(sql)) {
    this.#rows = rows;
    this.#documents = documents;
    sql.onUndone(() => (this.#newest = undefined));
  }

  read(id: string): Job | null {
    return this.#newest?.id === id ? this.#newest : this.#rows.read(id);
  }

  newest(): Job | null {
    if (this.#newest === undefined) this.#newest = this.list(1, null)[0] ?? null;
    return this.#newest;
  }

  /** Only the newest job can be active. */
  active(): Job | null {
    const job = this.newest();
    return job === null || isTerminal(job.status) ? null : job;
  }

  /** Newest first; `before` is the id of the last job of the page before. */
  list(limit: number, before: string | null): Job[] {
    return this.#rows.list(limit, before);
  }

  write(job: Job): void {
    this.#rows.write(job);
    // Where the newest is not known, this one may be older.
    if (this.#newest !== undefined && job.id >= (this.#newest?.id ?? "")) this.#newest = job;
  }

  /** Forgets jobs beyond those that the object keeps, once in a while. */
  prune(): void {
    if (this.runs().total % PRUNE_EVERY === 0) this.#rows.prune();
  }

  runs(): Runs {
    return this.#documents.read("runs", runsSchema) ?? { total: 0, successful: 0, failed: 0 };
  }

  saveRuns(runs: Runs): void {
    this.#documents.write("runs", runs);
  }

  followUp(): FollowUp | null {
    return this.#documents.read("follow_up", followUpSchema);
  }

  /** Asks for one run after the active one; asked again, the wider request counts. */
  queueFollowUp(request: FollowUp): void {
    const queued = this.followUp();
    this.#documents.write("follow_up", {
      trigger: queued?.trigger ?? request.trigger,
      forceFullSync: request.forceFullSync || queued?.forceFullSync === true,
      confirmDeletes: request.confirmDeletes || queued?.confirmDeletes === true,
    });
  }

  /** The deletes that the run after the active one was allowed have to be confirmed anew. */
  unconfirmFollowUp(): void {
    const queued = this.followUp();
    if (queued?.confirmDeletes === true) this.#documents.write("follow_up", { ...queued, confirmDeletes: false });
  }

  dropFollowUp(): void {
    this.#documents.remove("follow_up");
  }

  planning(jobId: string): StoredPlanning {
    const stored = this.#documents.read("planning", planningSchema);
    if (stored?.jobId === jobId) return stored;
    return { jobId, isPlanned: false, attempts: 0, retryAt: null, reason: null };
  }

  savePlanning(planning: StoredPlanning): void {
    this.#documents.write("planning", planning);
  }

  /** The job that a request with this key started less than 24 hours ago. */
  byIdempotencyKey(key: string, now: number): Job | null {
    const id = this.#rows.jobOfKey(key, now);
    return id === null ? null : this.read(id);
  }

  rememberKey(key: string, jobId: string, now: number): void {
    this.#rows.rememberKey(key, jobId, now);
  }
}
