import type { ConnectionSnapshot, SyncSettings } from "#core/connection";
import type { Reply } from "#core/errors";
import type { Job, Trigger } from "#core/job";
import type { JobProgress } from "#core/job-progress";
import type { JsonObject } from "#core/json";
import type { LogEntry } from "#core/log-entry";
import type { Schedule } from "#core/schedule";
import type { StoredManifest } from "#sources/manifest/stored-manifest";
import type { HookAnswer, HookPatch, HookSnapshot, NewHook, NewHookToken, ReceivedHook } from "#triggers/webhook/hook";

/** What the Worker may ask a source connection's object. Plain values both ways. */
export interface SourceConnectionRpc {
  /**
   * Checks config and credentials, live against the source, and brings the connection into being.
   * Refuses with `invalid`, `source_refused`, `source_rate_limited` or `source_unreachable`, and then leaves nothing.
   */
  create(input: CreateConnection): Promise<Reply<ConnectionSnapshot>>;
  describe(organizationId: string): Promise<Reply<ConnectionSnapshot>>;
  /** New config or credentials are checked as on create before anything changes. */
  update(organizationId: string, patch: ConnectionPatch): Promise<Reply<ConnectionSnapshot>>;
  /** Cancels the job, forgets everything, and answers with what was there. */
  erase(organizationId: string): Promise<Reply<ConnectionSnapshot>>;
  /** Starts a job, or says which one is active (`job_active`). */
  run(organizationId: string, request: RunRequest): Promise<Reply<Job>>;
  /** Newest first. */
  jobs(organizationId: string, request: { limit: number; cursor: string | null }): Promise<Reply<JobPage>>;
  job(organizationId: string, jobId: string): Promise<Reply<Job>>;
  /** Answers when there is something that the watcher has not seen, or at once while no slice is at work. */
  watch(organizationId: string, jobId: string, seen: WatchRequest): Promise<Reply<Watched>>;
  /** What happened in a job, oldest first. */
  jobLog(
    organizationId: string,
    jobId: string,
    request: { cursor: string | null; limit: number },
  ): Promise<Reply<JobLogPage>>;
  /** Refuses with `job_finished` where there is nothing left to cancel. */
  cancel(organizationId: string, jobId: string): Promise<Reply<Job>>;
  /** The copy, ordered by stream and id. */
  entities(organizationId: string, request: EntitiesRequest): Promise<Reply<JsonPage>>;
  entity(organizationId: string, stream: string, id: string): Promise<Reply<string>>;
  /** The change feed after `since`. `nextCursor` is always set. */
  changes(organizationId: string, request: { limit: number; since: string | null }): Promise<Reply<JsonPage>>;
  /** The change feed before `before`, or from its end, newest first: for people who look. */
  newestChanges(
    organizationId: string,
    request: { limit: number; before: string | null },
  ): Promise<Reply<NewestChanges>>;
  /**
   * Lets the next job read the stream from the beginning. Refuses with `job_active`, and with `not_found` where the
   * connection has no such stream.
   */
  resetStream(organizationId: string, stream: string): Promise<Reply<ConnectionSnapshot>>;
  /** Puts everything that D1 should know into the outbox again. */
  republish(organizationId: string): Promise<Reply<ConnectionSnapshot>>;
  /** Rows read and written since the object came into memory: what a sync is billed by. */
  storageUsage(): Promise<{ readonly rowsRead: number; readonly rowsWritten: number }>;
  /**
   * For the watchdog: looks after itself, arming an alarm that was lost, and tells D1 again what it was wrong about:
   * that a job is at work, or that a run is due. `jobIds` are of the jobs that are overdue.
   *
   * @returns those of the jobs that are not kept any more; null if there is no such connection
   */
  poke(overdue: Overdue, jobIds: readonly string[]): Promise<readonly string[] | null>;
  /**
   * For the sweep: the connection's schedule is due at `dueAt` (epoch milliseconds), by D1's account. The object
   * decides; a due time leads to one job at most, however often it is called for.
   */
  fire(dueAt: number): Promise<FireOutcome>;
  /** The connection's inbound address. */
  hook(organizationId: string): Promise<Reply<HookSnapshot>>;
  /** Refuses with `conflict` where there is one. */
  createHook(organizationId: string, input: NewHook): Promise<Reply<HookSnapshot>>;
  updateHook(organizationId: string, patch: HookPatch): Promise<Reply<HookSnapshot>>;
  rotateHook(organizationId: string, token: NewHookToken): Promise<Reply<HookSnapshot>>;
  /** Answers with what was there. A run that debounced deliveries wait for starts at once. */
  removeHook(organizationId: string): Promise<Reply<HookSnapshot>>;
  /** For anybody: what the token in it, and its signature, prove is all that counts. */
  receiveHook(received: ReceivedHook): Promise<Reply<HookAnswer>>;
}

/** What is overdue by D1's account: work on a job, or the run that deliveries wait for. */
export type Overdue = "job" | "wake";

/**
 * What a due time led to. `queued`: a full sync after the active job. `skipped`: a job is active. `not_due`: the
 * schedule says otherwise, or this due time was dealt with before. `absent`: there is no such connection.
 */
export type FireOutcome = "started" | "queued" | "skipped" | "not_due" | "absent";

export interface CreateConnection {
  readonly id: string;
  readonly organizationId: string;
  readonly name: string;
  readonly description: string | null;
  readonly shortName: string;
  /** The source, where the organization brought it; null for one that comes with Sluice. */
  readonly manifest: StoredManifest | null;
  readonly collectionId: string;
  readonly config: JsonObject;
  readonly credentials: JsonObject;
  readonly schedule: Schedule | null;
  readonly settings: SyncSettings;
  readonly syncImmediately: boolean;
}

/** Absent fields stay as they are. */
export interface ConnectionPatch {
  readonly name?: string;
  readonly description?: string | null;
  readonly config?: JsonObject;
  readonly credentials?: JsonObject;
  readonly schedule?: Schedule | null;
  /** Whether its owner wants nothing to start by itself. */
  readonly isPaused?: boolean;
  readonly settings?: SyncSettings;
}

export interface RunRequest {
  readonly trigger: Trigger;
  readonly forceFullSync: boolean;
  /** `reject`: refuse while a job is active. `attach`: answer with it. `queue`: that, and one run after it. */
  readonly onConflict: "reject" | "attach" | "queue";
  /** Same key, same job, for 24 hours. */
  readonly idempotencyKey: string | null;
  /** Let a full pass delete what the shrink guard would hold back. */
  readonly confirmDeletes: boolean;
}

export interface JobPage {
  readonly jobs: readonly Job[];
  readonly nextCursor: string | null;
}

/** What a watcher has seen. */
export interface WatchRequest {
  /** The newest progress; null for none. */
  readonly revision: string | null;
  /** How many entries of the log; null for one who wants those to come. */
  readonly logged: number | null;
}

export interface Watched {
  readonly progress: JobProgress;
  /** Entries that the watcher has not seen. */
  readonly entries: readonly LogEntry[];
  /** How many entries of the log it has seen with these. */
  readonly logged: number;
  /** The log's cursor for those to come. */
  readonly logCursor: string;
  /** Will the next call be answered when something happens? Otherwise it is answered at once. */
  readonly isHeld: boolean;
}

export interface JobLogPage {
  readonly entries: readonly LogEntry[];
  /** How many entries come before the end of this page. */
  readonly next: number;
  /** For what comes next. Always set. */
  readonly nextCursor: string;
  readonly hasMore: boolean;
  /** Entries that there was no room for. */
  readonly dropped: number;
  /** Logs are kept of the last jobs only. */
  readonly isKept: boolean;
}

export interface EntitiesRequest {
  /** Null for every stream. */
  readonly stream: string | null;
  readonly limit: number;
  readonly cursor: string | null;
}

/** Changes, the newest first. Items as in JsonPage. */
export interface NewestChanges {
  readonly items: readonly string[];
  /** As `since`, for what comes after the first item. */
  readonly nextCursor: string;
  /** As `before`, for what comes before the last item; null where nothing does. */
  readonly olderCursor: string | null;
}

/** Items that are stored as JSON text leave the object as JSON text, so nothing is parsed on the way. */
export interface JsonPage {
  /** A JSON object text for each item, in wire shape. */
  readonly items: readonly string[];
  readonly nextCursor: string | null;
  readonly hasMore: boolean;
}
