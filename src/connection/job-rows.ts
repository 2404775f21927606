import { jobSchema, type Job } from "#core/job";
import { textOf, type Sql } from "#storage/sql";

/** Jobs that the object keeps: at one a minute, three and a half days. D1 keeps them all. */
const KEPT_JOBS = 5_000;

/** How long an idempotency key stands for its job. */
const IDEMPOTENCY_MS = 24 * 3_600_000;

/** The jobs of a connection by their ids, which are in the order of time, and the idempotency keys that stand for them. */
export class JobRows {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  read(id: string): Job | null {
    const row = this.#sql.first("SELECT value FROM jobs WHERE id = ?", id);
    return row === null ? null : parseJob(textOf(row, "value"));
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
  }

  /** Forgets jobs beyond those that the object keeps. Walks over all of them. */
  prune(): void {
    this.#sql.run("DELETE FROM jobs WHERE id <= (SELECT id FROM jobs ORDER BY id DESC LIMIT 1 OFFSET ?)", KEPT_JOBS);
  }

  /** The id of the job that a request with this key started less than 24 hours ago. */
  jobOfKey(key: string, now: number): string | null {
    const row = this.#sql.first("SELECT job_id FROM idempotency WHERE key = ? AND expires_at > ?", key, now);
    return row === null ? null : textOf(row, "job_id");
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
