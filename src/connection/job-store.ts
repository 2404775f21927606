import { z } from "zod";

import { failureKindSchema } from "#core/failure";
import { isTerminal, jobSchema, triggerSchema, type Job } from "#core/job";
import type { Documents } from "#storage/documents";
import { textOf, type Sql } from "#storage/sql";

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

/** Jobs that the object keeps: at one a minute, three and a half days. D1 keeps them all. */
const KEPT_JOBS = 5_000;

/** Jobs between two prunings. */
const PRUNE_EVERY = 100;

/** How long an idempotency key stands for its job. */
const IDEMPOTENCY_MS = 24 * 3_600_000;

/** The jobs of a connection, newest first by their ids, and what belongs to them. */
export class JobStore {
  readonly #sql: Sql;
  readonly #documents: Documents;
  /** As it was read or written last: every call asks for it several times. Undefined where it has to be read. */
  #newest: Job | null | undefined = undefined;

  constructor(sql: Sql, documents: Documents) {
    this.#sql = sql;
    this.#documents = documents;
    sql.onUndone(() => (this.#newest = undefined));
  }

  read(id: string): Job | null {
    if (this.#newest?.id === id) return this.#newest;
    const row = this.#sql.first("SELECT value FROM jobs WHERE id = ?", id);
    return row === null ? null : parseJob(textOf(row, "value"));
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
    // Ids are lower-case hexadecimal, so "g" is after them all.
    const rows = this.#sql.all("SELECT value FROM jobs WHERE id < ? ORDER BY id DESC LIMIT ?", before ?? "g", limit);
    return rows.map((row) => parseJob(textOf(row, "value")));
  }

  write(job: Job): void {
    this.#sql.run(
      "INSERT INTO jobs (id, value) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET value = excluded.value",
      job.id,
      JSON.stringify(job),
    );
    // Where the newest is not known, this one may be older.
    if (this.#newest !== undefined && job.id >= (this.#newest?.id ?? "")) this.#newest = job;
  }

  /** Forgets jobs beyond those that the object keeps. Walks over all of them, so it is done once in a while. */
  prune(): void {
    if (this.runs().total % PRUNE_EVERY !== 0) return;
    this.#sql.run("DELETE FROM jobs WHERE id <= (SELECT id FROM jobs ORDER BY id DESC LIMIT 1 OFFSET ?)", KEPT_JOBS);
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
    const row = this.#sql.first("SELECT job_id FROM idempotency WHERE key = ? AND expires_at > ?", key, now);
    return row === null ? null : this.read(textOf(row, "job_id"));
  }

  rememberKey(key: string, jobId: string, now: number): void {
    this.#sql.run("DELETE FROM idempotency WHERE expires_at <= ?", now);
    this.#sql.run(
      "INSERT OR REPLACE INTO idempotency (key, job_id, expires_at) VALUES (?, ?, ?)",
      key,
      jobId,
      now + IDEMPOTENCY_MS,
    );
  }
}

function parseJob(text: string): Job {
  return jobSchema.parse(JSON.parse(text));
}
