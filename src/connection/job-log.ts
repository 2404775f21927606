import { z } from "zod";

import { isEnding, logEntrySchema, type LogEntry } from "#core/log-entry";
import { redact } from "#observability/log";
import { numberOf, textOf, type Sql, type SqlRow } from "#storage/sql";

/** Jobs whose log is kept, the newest ones. */
export const LOGGED_JOBS = 20;

/** Entries kept of a job. Those after them are counted, but for the ones that tell how it ended. */
export const ENTRY_LIMIT = 500;

/**
 * Entries in one row. An entry costs one row written, whatever the row holds, so this weighs how much is written again
 * with each entry against how many rows a job's log is read from and deleted with.
 */
const ROW_ENTRIES = 50;

/** Longer messages are cut: a row stays well under the 2 MB that one may have. */
const MESSAGE_LENGTH = 2_000;

const entriesSchema = z.array(logEntrySchema);

interface LogRow {
  readonly number: number;
  readonly dropped: number;
  readonly entries: readonly LogEntry[];
}

const NO_ROW: LogRow = { number: 0, dropped: 0, entries: [] };

/** Entries of a job's log, oldest first, and where it goes on. */
export interface LogPage {
  readonly entries: readonly LogEntry[];
  /** How many entries come before the end of this page. */
  readonly next: number;
  readonly hasMore: boolean;
  /** Entries that there was no room for. */
  readonly dropped: number;
}

/** What happened in the last jobs, for people. Entries are written in the transaction that makes them true. */
export class JobLog {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Writes one row, and none where there is nothing to tell. Call inside a transaction. */
  append(jobId: string, entries: readonly LogEntry[]): void {
    if (entries.length === 0) return;
    let row = this.#last(jobId) ?? NO_ROW;
    for (const entry of entries) {
      const length = row.number * ROW_ENTRIES + row.entries.length;
      if (length >= ENTRY_LIMIT && !isEnding(entry.type)) {
        row = { ...row, dropped: row.dropped + 1 };
        continue;
      }
      if (row.entries.length === ROW_ENTRIES) {
        this.#write(jobId, row);
        row = { number: row.number + 1, dropped: row.dropped, entries: [] };
      }
      row = { ...row, entries: [...row.entries, cleaned(entry)] };
    }
    this.#write(jobId, row);
  }

  /** How many entries there are. */
  length(jobId: string): number {
    const last = this.#last(jobId) ?? NO_ROW;
    return last.number * ROW_ENTRIES + last.entries.length;
  }

  /** Up to `limit` entries after the first `after`. */
  read(jobId: string, after: number, limit: number): LogPage {
    const last = this.#last(jobId);
    const end = this.length(jobId);
    const from = Math.min(after, end);
    const to = Math.min(from + limit, end);
    const first = Math.floor(from / ROW_ENTRIES);
    const rows = this.#sql.all(
      "SELECT * FROM job_log WHERE job_id = ? AND number BETWEEN ? AND ? ORDER BY number",
      jobId,
      first,
      Math.floor(to / ROW_ENTRIES),
    );
    const entries = rows.flatMap((row) => rowOf(row).entries);
    const offset = from - first * ROW_ENTRIES;
    return {
      entries: entries.slice(offset, offset + to - from),
      next: to,
      hasMore: to < end,
      dropped: last?.dropped ?? 0,
    };
  }

  /** Is this one of the jobs whose log is kept? */
  keeps(jobId: string): boolean {
    const oldest = this.#sql.first("SELECT id FROM jobs ORDER BY id DESC LIMIT 1 OFFSET ?", LOGGED_JOBS - 1);
    return oldest === null || jobId >= textOf(oldest, "id");
  }

  /** Forgets the logs of older jobs. Call when there is a new one. */
  prune(): void {
    this.#sql.run(
      "DELETE FROM job_log WHERE job_id < (SELECT id FROM jobs ORDER BY id DESC LIMIT 1 OFFSET ?)",
      LOGGED_JOBS - 1,
    );
  }

  #last(jobId: string): LogRow | null {
    const row = this.#sql.first("SELECT * FROM job_log WHERE job_id = ? ORDER BY number DESC LIMIT 1", jobId);
    return row === null ? null : rowOf(row);
  }

  #write(jobId: string, { number, dropped, entries }: LogRow): void {
    this.#sql.run(
      `INSERT INTO job_log (job_id, number, dropped, value) VALUES (?, ?, ?, ?)
       ON CONFLICT (job_id, number) DO UPDATE SET dropped = excluded.dropped, value = excluded.value`,
      jobId,
      number,
      dropped,
      JSON.stringify(entries),
    );
  }
}

function rowOf(row: SqlRow): LogRow {
  return {
    number: numberOf(row, "number"),
    dropped: numberOf(row, "dropped"),
    entries: entriesSchema.parse(JSON.parse(textOf(row, "value"))),
  };
}

/** Sources take their secrets out of what they say; what merely looks like one goes here. */
function cleaned(entry: LogEntry): LogEntry {
  const message = redact(entry.message);
  return { ...entry, message: message.length > MESSAGE_LENGTH ? `${message.slice(0, MESSAGE_LENGTH)}…` : message };
}
