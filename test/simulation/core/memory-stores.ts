import type { z } from "zod";

import { ConnectionStore } from "#connection/connection-store";
import { EventOutbox, type PublishEvents } from "#connection/event-outbox";
import { EventRows } from "#connection/event-rows";
import { HookStore } from "#connection/hook-store";
import { JobLog } from "#connection/job-log";
import { JobRows } from "#connection/job-rows";
import { JobStore } from "#connection/job-store";
import { KeepsakeStore } from "#connection/keepsake-store";
import { ManifestStore } from "#connection/manifest-store";
import { Outbox, type Project } from "#connection/outbox";
import { OutboxRows, type OutboxRow } from "#connection/outbox-rows";
import type { Stores } from "#connection/stores";
import { StreamStore } from "#connection/stream-store";
import type { SluiceEvent } from "#core/event";
import type { Job } from "#core/job";
import type { StreamState } from "#core/stream-state";
import type { SyncRecord } from "#records/projection";
import { CursorSeal } from "#storage/cursor-seal";
import { Documents } from "#storage/documents";
import { Sql } from "#storage/sql";
import type { Life } from "#test/simulation/platform/life";
import type { MemoryDisk } from "./memory-disk.ts";
import { MemoryEntityStore } from "./memory-entity-store.ts";
import { LiveTable, type MemoryTable } from "./memory-table.ts";

// The stores of an object with tables in plain memory in the place of SQLite. They are the real ones, except for what
// would be a statement: `memory-stores.test.ts` holds each such method to what the statement does.

/** How long a delivery's id is remembered (README, "Webhooks in"). */
const ID_MEMORY_MS = 86_400_000;
/** How long an idempotency key stands for its job (README). */
const IDEMPOTENCY_MS = 86_400_000;

/** What the object tells others. */
export interface CoreOutlets {
  readonly project: Project;
  readonly publish: PublishEvents;
}

export function memoryStores(disk: MemoryDisk, life: Life, { project, publish }: CoreOutlets): Stores {
  const sql = new Sql({
    sql: { exec: noStatements },
    transactionSync: (work) => {
      life.useStorage();
      return disk.journal.transaction(() => disk.commits.during(work));
    },
  });
  const live = <Row>(table: MemoryTable<Row>) => new LiveTable<Row>(table, life);
  const documents = new MemoryDocuments(sql, live(disk.documents));
  return {
    sql,
    connection: new ConnectionStore(sql, documents),
    keepsakes: new KeepsakeStore(documents),
    manifest: new ManifestStore(sql, documents, NO_D1),
    jobs: new JobStore(sql, documents, new MemoryJobRows(sql, live(disk.jobs), live(disk.idempotency))),
    log: new NoJobLog(sql),
    streams: new MemoryStreamStore(sql, live(disk.streams)),
    entities: new MemoryEntityStore(sql, live(disk.entities), live(disk.changes), live(disk.marks)),
    outbox: new Outbox(sql, new MemoryOutboxRows(sql, live(disk.outbox)), documents, project),
    events: new EventOutbox(sql, new MemoryEventRows(sql, live(disk.events)), documents, publish),
    hooks: new MemoryHookStore(sql, documents, live(disk.deliveryIds)),
    cursors: new CursorSeal(documents),
  };
}

function noStatements(statement: string): never {
  throw new Error(`The core has no SQLite, and was asked: ${statement}`);
}

/** Nothing here has a manifest, which is all that D1 would be asked for. */
const NO_D1: D1Database = {
  prepare: noStatements,
  exec: noStatements,
  dump: () => noStatements("dump"),
  batch: () => noStatements("batch"),
  withSession: () => noStatements("session"),
};

/** What schemas made of documents, which are replaced and never changed. */
class ParsedDocuments {
  readonly #bySchema = new WeakMap<z.ZodType, WeakMap<object, unknown>>();
  readonly #made = new WeakMap<z.ZodType, WeakSet<object>>();

  parse<T>(schema: z.ZodType<T>, document: object): T {
    const known = this.#bySchema.get(schema)?.get(document);
    if (this.#isMadeBy(schema, known)) return known;
    const parsed = schema.parse(document);
    if (typeof parsed !== "object" || parsed === null) return parsed;
    this.#bySchema.set(schema, (this.#bySchema.get(schema) ?? new WeakMap()).set(document, parsed));
    this.#made.set(schema, (this.#made.get(schema) ?? new WeakSet()).add(parsed));
    return parsed;
  }

  #isMadeBy<T>(schema: z.ZodType<T>, value: unknown): value is T {
    return typeof value === "object" && value !== null && this.#made.get(schema)?.has(value) === true;
  }
}

const PARSED = new ParsedDocuments();

class MemoryDocuments extends Documents {
  readonly #table: LiveTable<unknown>;

  constructor(sql: Sql, table: LiveTable<unknown>) {
    super(sql);
    this.#table = table;
  }

  override read<T>(key: string, schema: z.ZodType<T>): T | null {
    const value = this.#table.get(key);
    if (value === undefined) return null;
    return typeof value === "object" && value !== null ? PARSED.parse(schema, value) : schema.parse(value);
  }

  override write(key: string, value: unknown): void {
    this.#table.set(key, value);
  }

  override remove(key: string): void {
    this.#table.delete(key);
  }
}

class MemoryJobRows extends JobRows {
  readonly #jobs: LiveTable<Job>;
  readonly #keys: LiveTable<{ readonly jobId: string; readonly expiresAt: number }>;

  constructor(sql: Sql, jobs: LiveTable<Job>, keys: LiveTable<{ readonly jobId: string; readonly expiresAt: number }>) {
    super(sql);
    this.#jobs = jobs;
    this.#keys = keys;
  }

  override read(id: string): Job | null {
    return this.#jobs.get(id) ?? null;
  }

  override list(limit: number, before: string | null): Job[] {
    const { keys } = this.#jobs;
    const found: Job[] = [];
    for (let place = keys.length - 1; place >= 0 && found.length < limit; place -= 1) {
      const key = keys[place] ?? "";
      const job = before === null || key < before ? this.#jobs.get(key) : undefined;
      if (job !== undefined) found.push(job);
    }
    return found;
  }

  override write(job: Job): void {
    this.#jobs.set(job.id, job);
  }

  /** No history is as long as that. */
  override prune(): void {}

  override jobOfKey(key: string, now: number): string | null {
    const found = this.#keys.get(key);
    return found !== undefined && found.expiresAt > now ? found.jobId : null;
  }

  override rememberKey(key: string, jobId: string, now: number): void {
    this.#keys.set(key, { jobId, expiresAt: now + IDEMPOTENCY_MS });
  }
}

class MemoryStreamStore extends StreamStore {
  readonly #table: LiveTable<StreamState>;

  constructor(sql: Sql, table: LiveTable<StreamState>) {
    super(sql);
    this.#table = table;
  }

  override all(): StreamState[] {
    return this.#table.keys.flatMap((name) => this.#table.get(name) ?? []);
  }

  override read(name: string): StreamState | null {
    return this.#table.get(name) ?? null;
  }

  override write(state: StreamState): void {
    this.#table.set(state.name, state);
  }
}

class MemoryOutboxRows extends OutboxRows {
  readonly #table: LiveTable<{ readonly version: number; readonly value: string }>;

  constructor(sql: Sql, table: LiveTable<{ readonly version: number; readonly value: string }>) {
    super(sql);
    this.#table = table;
  }

  override put({ kind, id, version }: SyncRecord, value: string): void {
    this.#table.set(`${kind}:${id}`, { version, value });
  }

  override list(limit: number): OutboxRow[] {
    return this.#table.keys.slice(0, limit).flatMap((key) => {
      const row = this.#table.get(key);
      return row === undefined ? [] : { key, ...row };
    });
  }

  override remove(key: string, version: number): void {
    if (this.#table.get(key)?.version === version) this.#table.delete(key);
  }

  override clear(): void {
    this.#table.clear();
  }
}

class MemoryEventRows extends EventRows {
  readonly #table: LiveTable<SluiceEvent>;

  constructor(sql: Sql, table: LiveTable<SluiceEvent>) {
    super(sql);
    this.#table = table;
  }

  override add(event: SluiceEvent): void {
    this.#table.set(event.id, event);
  }

  override isEmpty(): boolean {
    return this.#table.keys.length === 0;
  }

  override list(limit: number): SluiceEvent[] {
    return this.#table.keys.slice(0, limit).flatMap((key) => this.#table.get(key) ?? []);
  }

  override remove(id: string): void {
    this.#table.delete(id);
  }
}

/** Nobody reads there what came in; that it came is what counts. */
class MemoryHookStore extends HookStore {
  readonly #documents: Documents;
  readonly #ids: LiveTable<number>;

  constructor(sql: Sql, documents: Documents, ids: LiveTable<number>) {
    super(sql, documents);
    this.#documents = documents;
    this.#ids = ids;
  }

  override remove(): void {
    this.#documents.remove("hook");
    this.#ids.clear();
  }

  override note(): void {}

  override deliveries(): [] {
    return [];
  }

  override knows(deliveryId: string, now: number): boolean {
    return (this.#ids.get(deliveryId) ?? Number.NEGATIVE_INFINITY) > now - ID_MEMORY_MS;
  }

  override remember(deliveryId: string, now: number): void {
    this.#ids.set(deliveryId, now);
  }
}

/** What is kept for people to read decides nothing. */
class NoJobLog extends JobLog {
  override append(): void {}

  override prune(): void {}
}
