import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";

import {
  type Job,
  type JobLog,
  jobLogSchema,
  jobProgressSchema,
  jobSchema,
  type LogEntry,
  logEntrySchema,
} from "#cli/api-answers";
import type { ApiTransport } from "#cli/api-transport";
import { serverSentEvents } from "#cli/event-stream";
import { isFinal } from "#cli/job-end";
import { isPassing } from "#cli/refused";
import { PAGE_SIZE } from "./page-size.ts";

/** Who looks at a job from its beginning has seen this of its events: none. */
const BEFORE_ALL_EVENTS = "0-0";

/** A server that ended an event stream wants the client back, one that is restarting a moment later. */
const RECONNECT_MS = 500;

/** How long a watcher goes on asking without an answer: longer than a deploy or a lost network connection takes. */
const WATCHER_PATIENCE_MS = 60_000;

export interface RunOptions {
  readonly isFull?: boolean;
  readonly confirmsDeletes?: boolean;
  readonly onConflict?: "reject" | "attach" | "queue" | undefined;
  readonly idempotencyKey?: string | undefined;
}

/** What a watcher of a job is told. */
export interface JobWatcher {
  onProgress(job: Job): void;
  /** Each entry of the job's log, from the first. */
  onLog(entry: LogEntry): void;
}

/** Sync jobs of a source connection. */
export class JobsApi {
  readonly #api: ApiTransport;

  constructor(api: ApiTransport) {
    this.#api = api;
  }

  run(connectionId: string, { isFull, confirmsDeletes, onConflict, idempotencyKey }: RunOptions = {}): Promise<Job> {
    return this.#api.ask(jobSchema, "POST", `/source-connections/${connectionId}/run`, {
      query: {
        force_full_sync: isFull === true ? true : undefined,
        confirm_deletes: confirmsDeletes === true ? true : undefined,
        on_conflict: onConflict,
      },
      headers: idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey },
    });
  }

  /** Newest first. */
  list(connectionId: string, limit: number): Promise<Job[]> {
    return this.#api.ask(z.array(jobSchema), "GET", `/source-connections/${connectionId}/jobs`, { query: { limit } });
  }

  get(connectionId: string, jobId: string): Promise<Job> {
    return this.#api.ask(jobSchema, "GET", `/source-connections/${connectionId}/jobs/${encodeURIComponent(jobId)}`);
  }

  cancel(connectionId: string, jobId: string): Promise<Job> {
    return this.#api.ask(
      jobSchema,
      "POST",
      `/source-connections/${connectionId}/jobs/${encodeURIComponent(jobId)}/cancel`,
    );
  }

  /**
   * Follows a job to its end, showing it to `onProgress` on the way.
   *
   * The job doesn't depend on being watched, so the watcher doesn't give up when the network or the server does for a
   * while: only after a minute without an answer it throws what it met.
   */
  async untilFinished(connectionId: string, jobId: string, onProgress?: (job: Job) => void): Promise<Job> {
    const startedAt = performance.now();
    let answeredAt = startedAt;
    for (;;) {
      try {
        const job = await this.get(connectionId, jobId);
        answeredAt = performance.now();
        onProgress?.(job);
        if (isFinal(job)) return job;
      } catch (error) {
        if (!isPassing(error) || performance.now() - answeredAt > WATCHER_PATIENCE_MS) throw error;
      }
      await delay(pollIntervalMs(performance.now() - startedAt));
    }
  }

  /**
   * Watches a job to its end by its server-sent events, with as much patience as `untilFinished`. While nothing changes
   * nothing is asked and nothing is sent but a heartbeat.
   */
  async watch(connectionId: string, jobId: string, watcher: JobWatcher): Promise<Job> {
    const path = `/source-connections/${connectionId}/jobs/${encodeURIComponent(jobId)}/events`;
    let lastEventId = BEFORE_ALL_EVENTS;
    let failingSince: number | null = null;
    for (;;) {
      try {
        const response = await this.#api.send("GET", path, { headers: { "last-event-id": lastEventId } });
        failingSince = null;
        if (response.body === null) return await this.get(connectionId, jobId);
        for await (const { event, id, data } of serverSentEvents(response.body)) {
          const said: unknown = JSON.parse(data);
          if (event === "log") watcher.onLog(logEntrySchema.parse(said));
          else watcher.onProgress(jobProgressSchema.parse(said).job);
          lastEventId = id;
          if (event === "end") return jobProgressSchema.parse(said).job;
        }
      } catch (error) {
        failingSince ??= performance.now();
        if (!isPassing(error) || performance.now() - failingSince > WATCHER_PATIENCE_MS) throw error;
      }
      await delay(RECONNECT_MS);
    }
  }

  /** The whole log of a job, as far as it is kept. */
  async log(connectionId: string, jobId: string): Promise<JobLog> {
    const path = `/source-connections/${connectionId}/jobs/${encodeURIComponent(jobId)}/log`;
    const entries: LogEntry[] = [];
    let cursor: string | undefined;
    for (;;) {
      const page = await this.#api.ask(jobLogSchema, "GET", path, { query: { limit: PAGE_SIZE, cursor } });
      entries.push(...page.entries);
      cursor = page.next_cursor;
      if (!page.has_more) return { ...page, entries };
    }
  }
}

/** Often enough for a lively progress bar at first; who watches for minutes looks less closely. */
function pollIntervalMs(elapsedMs: number): number {
  if (elapsedMs < 10_000) return 100;
  return elapsedMs < 60_000 ? 300 : 1_000;
}
