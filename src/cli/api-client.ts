import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";

import {
  apiKeySchema,
  type Change,
  type ChangePage,
  changesSchema,
  collectionSchema,
  type Connection,
  connectionItemSchema,
  type ConnectionItem,
  connectionSchema,
  entityPageSchema,
  entitySchema,
  inboundSchema,
  type Job,
  type JobLog,
  jobLogSchema,
  jobProgressSchema,
  jobSchema,
  type LogEntry,
  logEntrySchema,
  messageSchema,
  newestChangesSchema,
  type Source,
  sourceSchema,
  subscriptionSchema,
} from "./api-answers.ts";
import { type AskOptions, ApiTransport, type Method } from "./api-transport.ts";
import { serverSentEvents } from "./event-stream.ts";
import { isFinal } from "./job-end.ts";
import { isPassing } from "./refused.ts";

export interface NewConnection {
  readonly name: string | undefined;
  readonly short_name: string;
  readonly readable_collection_id: string | undefined;
  readonly config: Readonly<Record<string, unknown>>;
  readonly credentials: Readonly<Record<string, unknown>> | null;
  readonly sync_immediately: boolean;
  readonly schedule?: Readonly<Record<string, unknown>> | null;
}

export interface RunOptions {
  readonly isFull?: boolean;
  readonly confirmsDeletes?: boolean;
  readonly onConflict?: "reject" | "attach" | "queue" | undefined;
  readonly idempotencyKey?: string | undefined;
}

export interface EntityQuery {
  readonly stream?: string | undefined;
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

/** The most that the API gives at once. */
const PAGE_SIZE = 1_000;

/** Who looks at a job from its beginning has seen this of its events: none. */
const BEFORE_ALL_EVENTS = "0-0";
/** A server that ended an event stream wants the client back, one that is restarting a moment later. */
const RECONNECT_MS = 500;

/** What a watcher of a job is told. */
export interface JobWatcher {
  onProgress(job: Job): void;
  /** Each entry of the job's log, from the first. */
  onLog(entry: LogEntry): void;
}

/** How long a watcher goes on asking without an answer: longer than a deploy or a lost network connection takes. */
const WATCHER_PATIENCE_MS = 60_000;

const recoverySchema = z.looseObject({ messages: z.number() });

/** Sluice's HTTP API, as far as the command line uses it. Everything throws Refused and Unreachable. */
export class ApiClient {
  readonly #transport: ApiTransport;

  /** `address` without a path: `http://127.0.0.1:8787`. */
  constructor(address: string, key: string) {
    this.#transport = new ApiTransport(address, key);
  }

  sources(): Promise<Source[]> {
    return this.#ask(z.array(sourceSchema), "GET", "/sources");
  }

  source(shortName: string): Promise<Source> {
    return this.#ask(sourceSchema, "GET", `/sources/${encodeURIComponent(shortName)}`);
  }

  /** Registers a manifest as a new custom source. */
  createSource(shortName: string, source: object): Promise<Source> {
    return this.#ask(sourceSchema, "POST", "/sources", { body: { short_name: shortName, ...source } });
  }

  /** Replaces a custom source's manifest. */
  replaceSource(shortName: string, source: object): Promise<Source> {
    return this.#ask(sourceSchema, "PUT", `/sources/${encodeURIComponent(shortName)}`, { body: source });
  }

  deleteSource(shortName: string): Promise<Source> {
    return this.#ask(sourceSchema, "DELETE", `/sources/${encodeURIComponent(shortName)}`);
  }

  createCollection(name: string) {
    return this.#ask(collectionSchema, "POST", "/collections", { body: { name } });
  }

  /** Newest first; a page of them where `limit` is given, otherwise all. */
  async connections({ collection, limit }: { collection?: string | undefined; limit?: number | undefined } = {}) {
    const found: ConnectionItem[] = [];
    for (;;) {
      const query = { collection, skip: found.length, limit: limit ?? PAGE_SIZE };
      const page = await this.#ask(z.array(connectionItemSchema), "GET", "/source-connections", { query });
      found.push(...page);
      if (limit !== undefined || page.length < PAGE_SIZE) return found;
    }
  }

  createConnection({ credentials, ...rest }: NewConnection): Promise<Connection> {
    const authentication = credentials === null ? {} : { authentication: { credentials } };
    return this.#ask(connectionSchema, "POST", "/source-connections", { body: { ...rest, ...authentication } });
  }

  connection(id: string): Promise<Connection> {
    return this.#ask(connectionSchema, "GET", `/source-connections/${id}`);
  }

  updateConnection(id: string, patch: object): Promise<Connection> {
    return this.#ask(connectionSchema, "PATCH", `/source-connections/${id}`, { body: patch });
  }

  deleteConnection(id: string): Promise<Connection> {
    return this.#ask(connectionSchema, "DELETE", `/source-connections/${id}`);
  }

  run(connectionId: string, { isFull, confirmsDeletes, onConflict, idempotencyKey }: RunOptions = {}): Promise<Job> {
    return this.#ask(jobSchema, "POST", `/source-connections/${connectionId}/run`, {
      query: {
        force_full_sync: isFull === true ? true : undefined,
        confirm_deletes: confirmsDeletes === true ? true : undefined,
        on_conflict: onConflict,
      },
      headers: idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey },
    });
  }

  /** Newest first. */
  jobs(connectionId: string, limit: number): Promise<Job[]> {
    return this.#ask(z.array(jobSchema), "GET", `/source-connections/${connectionId}/jobs`, { query: { limit } });
  }

  job(connectionId: string, jobId: string): Promise<Job> {
    return this.#ask(jobSchema, "GET", `/source-connections/${connectionId}/jobs/${encodeURIComponent(jobId)}`);
  }

  cancel(connectionId: string, jobId: string): Promise<Job> {
    return this.#ask(jobSchema, "POST", `/source-connections/${connectionId}/jobs/${encodeURIComponent(jobId)}/cancel`);
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
        const job = await this.job(connectionId, jobId);
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
        const response = await this.#transport.send("GET", path, { headers: { "last-event-id": lastEventId } });
        failingSince = null;
        if (response.body === null) return await this.job(connectionId, jobId);
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
  async jobLog(connectionId: string, jobId: string): Promise<JobLog> {
    const path = `/source-connections/${connectionId}/jobs/${encodeURIComponent(jobId)}/log`;
    const entries: LogEntry[] = [];
    let cursor: string | undefined;
    for (;;) {
      const page = await this.#ask(jobLogSchema, "GET", path, { query: { limit: PAGE_SIZE, cursor } });
      entries.push(...page.entries);
      cursor = page.next_cursor;
      if (!page.has_more) return { ...page, entries };
    }
  }

  entities(connectionId: string, query: EntityQuery) {
    return this.#ask(entityPageSchema, "GET", `/source-connections/${connectionId}/entities`, { query: { ...query } });
  }

  entity(connectionId: string, stream: string, id: string) {
    const name = `${encodeURIComponent(stream)}/${encodeURIComponent(id)}`;
    return this.#ask(entitySchema, "GET", `/source-connections/${connectionId}/entities/${name}`);
  }

  /** The whole copy, or a stream of it, an entity a line. */
  exportEntities(connectionId: string, stream: string | undefined): Promise<Response> {
    return this.#transport.send("GET", `/source-connections/${connectionId}/entities/export`, { query: { stream } });
  }

  /** One page of the change feed; from its beginning where `since` is null. */
  changePage(connectionId: string, since: string | null, limit = PAGE_SIZE): Promise<ChangePage> {
    const query = { limit, since: since ?? undefined };
    return this.#ask(changesSchema, "GET", `/source-connections/${connectionId}/changes`, { query });
  }

  /** A page of the change feed that begins with the newest: with the one before `before`, or at the end of the feed. */
  newestChanges(connectionId: string, before: string | null, limit: number) {
    const query = { order: "newest_first", limit, before: before ?? undefined };
    return this.#ask(newestChangesSchema, "GET", `/source-connections/${connectionId}/changes`, { query });
  }

  /** Reads the change feed from `since` (null: from its beginning) to its end. */
  async changes(connectionId: string, since: string | null): Promise<{ changes: Change[]; cursor: string }> {
    const changes: Change[] = [];
    let cursor = since;
    for (;;) {
      const page = await this.changePage(connectionId, cursor);
      changes.push(...page.changes);
      cursor = page.next_cursor;
      if (!page.has_more) return { changes, cursor };
    }
  }

  subscriptions() {
    return this.#ask(z.array(subscriptionSchema), "GET", "/webhooks/subscriptions");
  }

  subscription(id: string, includeSecret: boolean) {
    const query = { include_secret: includeSecret ? true : undefined };
    return this.#ask(subscriptionSchema, "GET", `/webhooks/subscriptions/${encodeURIComponent(id)}`, { query });
  }

  createSubscription(body: { readonly url: string; readonly event_types: readonly string[] }) {
    return this.#ask(subscriptionSchema, "POST", "/webhooks/subscriptions", { body });
  }

  updateSubscription(id: string, body: object) {
    return this.#ask(subscriptionSchema, "PATCH", `/webhooks/subscriptions/${encodeURIComponent(id)}`, { body });
  }

  deleteSubscription(id: string) {
    return this.#ask(subscriptionSchema, "DELETE", `/webhooks/subscriptions/${encodeURIComponent(id)}`);
  }

  recoverSubscription(id: string, body: { readonly since: string; readonly until?: string | undefined }) {
    return this.#ask(recoverySchema, "POST", `/webhooks/subscriptions/${encodeURIComponent(id)}/recover`, { body });
  }

  rotateSubscriptionSecret(id: string) {
    const path = `/webhooks/subscriptions/${encodeURIComponent(id)}/rotate-secret`;
    return this.#ask(subscriptionSchema, "POST", path, { body: {} });
  }

  /** What happened, newest first. */
  messages(limit: number) {
    return this.#ask(z.array(messageSchema), "GET", "/webhooks/messages", { query: { limit } });
  }

  /** A connection's inbound address: `GET` shows it, `POST` makes it, `PATCH` changes it, `DELETE` takes it away. */
  inbound(connectionId: string, method: Method, body?: object) {
    const path = `/source-connections/${connectionId}/webhook`;
    return this.#ask(inboundSchema, method, path, body === undefined ? {} : { body });
  }

  rotateInbound(connectionId: string, overlapSeconds: number | undefined) {
    const path = `/source-connections/${connectionId}/webhook/rotate`;
    return this.#ask(inboundSchema, "POST", path, { query: { overlap_seconds: overlapSeconds } });
  }

  apiKeys() {
    return this.#ask(z.array(apiKeySchema), "GET", "/api-keys", { query: { limit: PAGE_SIZE } });
  }

  createApiKey(name: string, expiresInDays: number | undefined) {
    return this.#ask(apiKeySchema, "POST", "/api-keys", { body: { name, expires_in_days: expiresInDays } });
  }

  deleteApiKey(id: string) {
    return this.#ask(apiKeySchema, "DELETE", `/api-keys/${encodeURIComponent(id)}`);
  }

  #ask<Answer>(schema: z.ZodType<Answer>, method: Method, path: string, options?: AskOptions): Promise<Answer> {
    return this.#transport.ask(schema, method, path, options);
  }
}

/** Often enough for a lively progress bar at first; who watches for minutes looks less closely. */
function pollIntervalMs(elapsedMs: number): number {
  if (elapsedMs < 10_000) return 100;
  return elapsedMs < 60_000 ? 300 : 1_000;
}
