import { startOfRead, type ReadStart } from "#core/read-start";
import { isPassBegun, streamStateSchema, type ActiveStream, type StreamState } from "#core/stream-state";
import type { StreamSummary } from "#core/connection";
import { NO_COUNTS, type Counts, type Rejection } from "#core/job";
import type { Stream } from "#sources/source";
import { textOf, type Sql } from "#storage/sql";

/** The streams of a connection: what lasts, and their progress in the newest job. */
export class StreamStore {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  all(): StreamState[] {
    return this.#sql.all("SELECT value FROM streams").map((row) => parseState(textOf(row, "value")));
  }

  read(name: string): StreamState | null {
    const row = this.#sql.first("SELECT value FROM streams WHERE name = ?", name);
    return row === null ? null : parseState(textOf(row, "value"));
  }

  write(state: StreamState): void {
    this.#sql.run(
      "INSERT INTO streams (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      state.name,
      JSON.stringify(state),
    );
  }

  /** The streams that take part in a job. */
  activeIn(jobId: string): ActiveStream[] {
    return this.all().filter((state): state is ActiveStream => state.progress?.jobId === jobId);
  }

  /**
   * Lets a job begin with the streams it lists, each where `startOfRead` says. Others take no part, unless they
   * were reset: they lose everything. Those that the job listed before, under another config, are done with.
   */
  begin(start: ReadStart, streams: readonly Stream[]): void {
    const known = new Map(this.all().map((state) => [state.name, state]));
    let nextNumber = Math.max(-1, ...[...known.values()].map(({ number }) => number)) + 1;
    for (const stream of streams) {
      const state = known.get(stream.name) ?? newState(stream.name, nextNumber++);
      this.write({ ...state, reset: false, progress: startOfRead(state, stream, start) });
      known.delete(stream.name);
    }
    for (const state of known.values()) {
      const dropped = state.reset;
      if (!dropped && state.progress?.jobId !== start.jobId) continue;
      const progress = startOfRead(state, { primaryKey: null, incremental: false }, start);
      this.write({ ...state, progress: { ...progress, phase: dropped && state.count > 0 ? "read" : "done", dropped } });
    }
  }

  /** What is read next of any stream is read from the beginning. */
  forgetPlaces(): void {
    for (const state of this.all()) {
      const progress = state.progress === null ? null : { ...state.progress, checkpoint: null };
      this.write({ ...state, cursor: null, progress });
    }
  }

  /**
   * A job goes on with other credentials, also with the streams that it gave up because the old ones were refused. A pass
   * that is half read has been shown less, perhaps, than it would be now.
   *
   * @returns the streams whose read that changes, as they were
   */
  readOnWithOthers(jobId: string): ActiveStream[] {
    return this.activeIn(jobId).filter((state) => {
      const { progress } = state;
      const isRefused = progress.failure?.category === "api_key_invalid";
      const isMixed = isPassBegun(progress) && (isRefused || progress.phase === "reading");
      if (!isRefused && !isMixed) return false;
      const again = isRefused ? ({ phase: "reading", attempts: 0, failure: null } as const) : {};
      this.write({ ...state, progress: { ...progress, ...again, isMixed: progress.isMixed || isMixed } });
      return true;
    });
  }

  /** The next job reads it from the beginning. False if there is no such stream. */
  reset(name: string): boolean {
    const state = this.read(name);
    if (state === null) return false;
    this.write({ ...state, cursor: null, reset: true });
    return true;
  }

  summaries(): StreamSummary[] {
    return this.all().map(({ name, count, lastChangedAt, cursor, reset }) => {
      return { name, count, lastChangedAt, cursor, isReset: reset };
    });
  }
}

/** Sums over the streams of a job. */
export function totalCounts(streams: readonly ActiveStream[]): Counts {
  return streams.reduce((total, { progress: { counts } }) => {
    return {
      inserted: total.inserted + counts.inserted,
      updated: total.updated + counts.updated,
      deleted: total.deleted + counts.deleted,
      kept: total.kept + counts.kept,
      failed: total.failed + counts.failed,
    };
  }, NO_COUNTS);
}

export function totalPages(streams: readonly ActiveStream[]): number {
  return streams.reduce((total, { progress }) => total + progress.pages, 0);
}

export function allRejections(streams: readonly ActiveStream[]): Rejection[] {
  return streams.flatMap(({ progress }) => progress.rejections);
}

function newState(name: string, number: number): StreamState {
  return {
    name,
    number,
    count: 0,
    nextEntityNumber: 0,
    cursor: null,
    lastChangedAt: null,
    reset: false,
    progress: null,
  };
}

function parseState(text: string): StreamState {
  return streamStateSchema.parse(JSON.parse(text));
}
