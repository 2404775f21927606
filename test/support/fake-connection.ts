import type {
  ConnectionPatch,
  CreateConnection,
  EntitiesRequest,
  FireOutcome,
  JobLogPage,
  JobPage,
  JsonPage,
  NewestChanges,
  RunRequest,
  SourceConnectionRpc,
  Watched,
  WatchRequest,
} from "#connection/rpc";
import { connectionStatus, type ConnectionSnapshot } from "#core/connection";
import { accepted, refused, type Refusal, type Reply } from "#core/errors";
import type { Job } from "#core/job";
import { jobProgress } from "#core/job-progress";
import type { LogEntry } from "#core/log-entry";
import { NO_PLAN } from "#core/schedule";
import { project } from "#records/projection";
import { aJob, AT } from "./builders.ts";
import type { HookAnswer, HookPatch, HookSnapshot, NewHook, NewHookToken, ReceivedHook } from "#triggers/webhook/hook";

/** An entity as a test states it; everything else about it is made up. */
export interface FakeEntity {
  readonly stream: string;
  readonly id: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Source connections without objects: plain memory behind the same RPC, for tests of what is in front of it. */
export class FakeConnections {
  readonly #db: D1Database;
  readonly #connections = new Map<string, FakeConnection>();
  /** Every call, as `method` or `method argument`. */
  readonly calls: { readonly method: string; readonly id: string; readonly request: unknown }[] = [];
  /** Answers every call until it is null again. */
  refusal: Refusal | null = null;
  /** Thrown by every call until it is null again. */
  fault: Error | null = null;
  /** What happens while a connection is made. */
  beforeCreate: () => Promise<void> = async () => {};

  constructor(db: D1Database) {
    this.#db = db;
  }

  readonly gate = (_env: unknown, id: string): SourceConnectionRpc => this.at(id);

  /** Puts a connection of the test's own in the place of the usual one. */
  put(id: string, connection: FakeConnection): void {
    this.#connections.set(id, connection);
  }

  at(id: string): FakeConnection {
    const known = this.#connections.get(id);
    if (known !== undefined) return known;
    const connection = new FakeConnection(id, this, this.#db);
    this.#connections.set(id, connection);
    return connection;
  }
}

export class FakeConnection implements SourceConnectionRpc {
  readonly #id: string;
  readonly #all: FakeConnections;
  readonly #db: D1Database;
  #created: Omit<ConnectionSnapshot, "status" | "runs" | "lastJob" | "streams"> | null = null;
  #version = 0;
  /** Newest first. Tests change it as they like. */
  readonly jobsNow: Job[] = [];
  readonly entitiesNow: FakeEntity[] = [];
  /** The log of whichever job is asked for. */
  readonly logNow: LogEntry[] = [];

  constructor(id: string, all: FakeConnections, db: D1Database) {
    this.#id = id;
    this.#all = all;
    this.#db = db;
  }

  async create(input: CreateConnection): Promise<Reply<ConnectionSnapshot>> {
    await this.#all.beforeCreate();
    const refusal = this.#record("create", input);
    if (refusal !== null) return refused(refusal);
    const { id, organizationId, name, description, shortName, collectionId, config, schedule, settings } = input;
    const times = { createdAt: AT, modifiedAt: AT };
    this.#created = {
      id,
      organizationId,
      name,
      description,
      shortName,
      collectionId,
      config,
      schedule,
      settings,
      isPaused: false,
      plan: NO_PLAN,
      ...times,
    };
    if (input.syncImmediately) this.#start({ trigger: "create" });
    await this.#project(null);
    return accepted(this.#snapshot());
  }

  async describe(organizationId: string): Promise<Reply<ConnectionSnapshot>> {
    const refusal = this.#record("describe", null) ?? this.#absent(organizationId);
    return refusal === null ? accepted(this.#snapshot()) : refused(refusal);
  }

  async update(organizationId: string, patch: ConnectionPatch): Promise<Reply<ConnectionSnapshot>> {
    const refusal = this.#record("update", patch) ?? this.#absent(organizationId);
    if (refusal !== null || this.#created === null) return refused(refusal ?? NOT_FOUND);
    const { credentials: _sealed, ...visible } = patch;
    this.#created = { ...this.#created, ...visible, modifiedAt: AT + 1000 };
    await this.#project(null);
    return accepted(this.#snapshot());
  }

  async erase(organizationId: string): Promise<Reply<ConnectionSnapshot>> {
    const refusal = this.#record("erase", null) ?? this.#absent(organizationId);
    if (refusal !== null) return refused(refusal);
    const snapshot = this.#snapshot();
    await this.#project(AT + 2000);
    this.#created = null;
    return accepted(snapshot);
  }

  async run(organizationId: string, request: RunRequest): Promise<Reply<Job>> {
    const refusal = this.#record("run", request) ?? this.#absent(organizationId);
    if (refusal !== null) return refused(refusal);
    const active = this.jobsNow.find((job) => job.wakeAt !== null);
    if (active === undefined) return accepted(this.#start({ trigger: request.trigger }));
    if (request.onConflict !== "reject") return accepted(active);
    return refused({ code: "job_active", message: "A sync job is already active.", job: active });
  }

  async jobs(organizationId: string, request: { limit: number; cursor: string | null }): Promise<Reply<JobPage>> {
    const refusal = this.#record("jobs", request) ?? this.#absent(organizationId);
    if (refusal !== null) return refused(refusal);
    const from = Number(request.cursor ?? 0);
    const to = from + request.limit;
    return accepted({
      jobs: this.jobsNow.slice(from, to),
      nextCursor: to < this.jobsNow.length ? String(to) : null,
    });
  }

  async job(organizationId: string, jobId: string): Promise<Reply<Job>> {
    const refusal = this.#record("job", jobId) ?? this.#absent(organizationId);
    const job = this.jobsNow.find(({ id }) => id === jobId);
    if (refusal !== null || job === undefined) return refused(refusal ?? NO_JOB);
    return accepted(job);
  }

  async watch(organizationId: string, jobId: string, seen: WatchRequest): Promise<Reply<Watched>> {
    const refusal = this.#record("watch", { jobId, ...seen }) ?? this.#absent(organizationId);
    const job = this.jobsNow.find(({ id }) => id === jobId);
    if (refusal !== null || job === undefined) return refused(refusal ?? NO_JOB);
    const entries = seen.logged === null ? [] : this.logNow.slice(seen.logged);
    const progress = jobProgress(job, [], 0, AT + 1000);
    return accepted({
      progress,
      entries,
      logged: this.logNow.length,
      logCursor: String(this.logNow.length),
      isHeld: false,
    });
  }

  async jobLog(
    organizationId: string,
    jobId: string,
    request: { cursor: string | null; limit: number },
  ): Promise<Reply<JobLogPage>> {
    const refusal = this.#record("jobLog", { jobId, ...request }) ?? this.#absent(organizationId);
    if (refusal !== null || !this.jobsNow.some(({ id }) => id === jobId)) return refused(refusal ?? NO_JOB);
    const after = Number(request.cursor ?? 0);
    const next = Math.min(after + request.limit, this.logNow.length);
    const entries = this.logNow.slice(after, next);
    return accepted({
      entries,
      next,
      nextCursor: String(next),
      hasMore: next < this.logNow.length,
      dropped: 0,
      isKept: true,
    });
  }

  async cancel(organizationId: string, jobId: string): Promise<Reply<Job>> {
    const refusal = this.#record("cancel", jobId) ?? this.#absent(organizationId);
    const at = this.jobsNow.findIndex(({ id }) => id === jobId);
    const job = this.jobsNow[at];
    if (refusal !== null || job === undefined) return refused(refusal ?? NO_JOB);
    if (job.wakeAt === null) {
      return refused({ code: "job_finished", message: `The job is ${job.status} already.`, job });
    }
    const cancelled: Job = { ...job, status: "CANCELLED", completedAt: AT + 500, wakeAt: null };
    this.jobsNow[at] = cancelled;
    return accepted(cancelled);
  }

  async entities(organizationId: string, request: EntitiesRequest): Promise<Reply<JsonPage>> {
    const refusal = this.#record("entities", request) ?? this.#absent(organizationId);
    if (refusal !== null) return refused(refusal);
    const wanted = this.entitiesNow.filter(({ stream }) => request.stream === null || stream === request.stream);
    return accepted(pageOf(wanted.map(wire), request.limit, request.cursor));
  }

  async entity(organizationId: string, stream: string, id: string): Promise<Reply<string>> {
    const refusal = this.#record("entity", { stream, id }) ?? this.#absent(organizationId);
    const entity = this.entitiesNow.find((each) => each.stream === stream && each.id === id);
    if (refusal !== null || entity === undefined) {
      return refused(refusal ?? { code: "not_found", message: "Entity not found" });
    }
    return accepted(wire(entity));
  }

  async changes(organizationId: string, request: { limit: number; since: string | null }): Promise<Reply<JsonPage>> {
    const refusal = this.#record("changes", request) ?? this.#absent(organizationId);
    if (refusal !== null) return refused(refusal);
    const changes = this.entitiesNow.map(changeText);
    const page = pageOf(changes, request.limit, request.since);
    return accepted({ ...page, nextCursor: page.nextCursor ?? String(changes.length) });
  }

  async newestChanges(
    organizationId: string,
    request: { limit: number; before: string | null },
  ): Promise<Reply<NewestChanges>> {
    const refusal = this.#record("newestChanges", request) ?? this.#absent(organizationId);
    if (refusal !== null) return refused(refusal);
    const end = Number(request.before ?? this.entitiesNow.length);
    const begin = Math.max(0, end - request.limit);
    return accepted({
      items: this.entitiesNow.slice(begin, end).map(changeText).toReversed(),
      nextCursor: String(end),
      olderCursor: begin === 0 ? null : String(begin),
    });
  }

  async resetStream(organizationId: string, stream: string): Promise<Reply<ConnectionSnapshot>> {
    const refusal = this.#record("resetStream", stream) ?? this.#absent(organizationId);
    return refusal === null ? accepted(this.#snapshot()) : refused(refusal);
  }

  async republish(organizationId: string): Promise<Reply<ConnectionSnapshot>> {
    const refusal = this.#record("republish", null) ?? this.#absent(organizationId);
    if (refusal !== null) return refused(refusal);
    await this.#project(null);
    return accepted(this.#snapshot());
  }

  async storageUsage(): Promise<{ readonly rowsRead: number; readonly rowsWritten: number }> {
    return { rowsRead: 0, rowsWritten: 0 };
  }

  async poke(): Promise<readonly string[] | null> {
    this.#record("poke", null);
    return [];
  }

  async fire(dueAt: number): Promise<FireOutcome> {
    this.#record("fire", dueAt);
    return "not_due";
  }

  async hook(organizationId: string): Promise<Reply<HookSnapshot>> {
    return this.#hookReply("hook", organizationId, null);
  }

  async createHook(organizationId: string, input: NewHook): Promise<Reply<HookSnapshot>> {
    return this.#hookReply("createHook", organizationId, input);
  }

  async updateHook(organizationId: string, patch: HookPatch): Promise<Reply<HookSnapshot>> {
    return this.#hookReply("updateHook", organizationId, patch);
  }

  async rotateHook(organizationId: string, token: NewHookToken): Promise<Reply<HookSnapshot>> {
    return this.#hookReply("rotateHook", organizationId, token);
  }

  async removeHook(organizationId: string): Promise<Reply<HookSnapshot>> {
    return this.#hookReply("removeHook", organizationId, null);
  }

  async receiveHook(received: ReceivedHook): Promise<Reply<HookAnswer>> {
    return refused(this.#record("receiveHook", received) ?? { code: "not_found", message: "There is no webhook." });
  }

  /** Gone from the object, though D1 does not know yet. */
  vanish(): void {
    this.#created = null;
  }

  /** There is none: what webhooks do is tested against the object itself. */
  #hookReply(method: string, organizationId: string, request: unknown): Reply<HookSnapshot> {
    const refusal = this.#record(method, request) ?? this.#absent(organizationId);
    return refused(refusal ?? { code: "not_found", message: "This source connection has no webhook." });
  }

  #record(method: string, request: unknown): Refusal | null {
    this.#all.calls.push({ method, id: this.#id, request });
    if (this.#all.fault !== null) throw this.#all.fault;
    return this.#all.refusal;
  }

  #absent(organizationId: string): Refusal | null {
    return this.#created?.organizationId === organizationId ? null : NOT_FOUND;
  }

  #start(overrides: Partial<Job>): Job {
    const job = aJob({ id: crypto.randomUUID(), connectionId: this.#id, ...overrides });
    this.jobsNow.unshift(job);
    return job;
  }

  #snapshot(): ConnectionSnapshot {
    if (this.#created === null) throw new Error("This fake connection was not created.");
    const lastJob = this.jobsNow[0] ?? null;
    const ended = this.jobsNow.filter((job) => job.wakeAt === null);
    const names = [...new Set(this.entitiesNow.map(({ stream }) => stream))];
    return {
      ...this.#created,
      status: connectionStatus(lastJob, 0),
      lastJob,
      runs: {
        total: this.jobsNow.length,
        successful: ended.filter(({ status }) => status === "COMPLETED").length,
        failed: ended.filter(({ status }) => status === "FAILED").length,
      },
      streams: names.map((name) => ({
        name,
        count: this.entitiesNow.filter(({ stream }) => stream === name).length,
        lastChangedAt: AT,
        cursor: null,
        isReset: false,
      })),
    };
  }

  async #project(deletedAt: number | null): Promise<void> {
    const { id, organizationId, collectionId, name, shortName, status, createdAt, modifiedAt, isPaused } =
      this.#snapshot();
    this.#version += 1;
    const identity = { kind: "connection", id, version: this.#version, organizationId, collectionId } as const;
    const facts = { name, shortName, status, entityCount: this.entitiesNow.length, createdAt, modifiedAt, deletedAt };
    const due = { nextRunAt: null, wakeAt: null };
    await project(this.#db, [{ ...identity, ...facts, ...due, isPaused }]);
  }
}

const NOT_FOUND: Refusal = { code: "not_found", message: "SourceConnection not found" };
const NO_JOB: Refusal = { code: "not_found", message: "Sync job not found" };

function wire({ stream, id, data }: FakeEntity): string {
  const seen = new Date(AT).toISOString();
  return JSON.stringify({ stream, id, data, first_seen_at: seen, last_modified_at: seen, job_id: aJob().id });
}

function changeText({ stream, id, data }: FakeEntity): string {
  const at = new Date(AT).toISOString();
  return JSON.stringify({ op: "upsert", stream, id, entity: data, job_id: aJob().id, at });
}

function pageOf(items: readonly string[], limit: number, cursor: string | null): JsonPage {
  const from = Number(cursor ?? 0);
  const to = from + limit;
  const hasMore = to < items.length;
  return { items: items.slice(from, to), nextCursor: hasMore ? String(to) : null, hasMore };
}
