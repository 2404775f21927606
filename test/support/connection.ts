import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { vi } from "vitest";
import { z } from "zod";

import type { CreateConnection, JsonPage, RunRequest } from "#connection/rpc";
import type { ConnectionSnapshot } from "#core/connection";
import type { Reply } from "#core/errors";
import { isTerminal, type Job } from "#core/job";
import { Sql, type SqlRow } from "#storage/sql";
import { CouchUpstream } from "./couch-upstream.ts";

/** The organization that owns what a test makes. */
export const ORGANIZATION = "00000000-0000-4000-8000-000000000001";

export const A_RUN: RunRequest = {
  trigger: "manual",
  forceFullSync: false,
  onConflict: "reject",
  idempotencyKey: null,
  confirmDeletes: false,
};

/** Alarms that a test job may take: more than that is a loop. */
const ALARM_LIMIT = 500;

/**
 * Stops the clock, years ahead: no alarm goes off by itself, so a test says when one does. Undone by
 * `vi.useRealTimers()`.
 */
export function stopClock(): void {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2040, 0, 1) });
}

/** Gives `use` the SQLite of an object that nobody else uses. */
export async function withSql<T>(use: (sql: Sql, storage: DurableObjectStorage) => T | Promise<T>): Promise<T> {
  const stub = env.SOURCE_CONNECTION.getByName(crypto.randomUUID());
  return runInDurableObject(stub, (_object, { storage }) => use(new Sql(storage), storage));
}

export function aCreate(overrides: Partial<CreateConnection> = {}): CreateConnection {
  return {
    id: crypto.randomUUID(),
    organizationId: ORGANIZATION,
    name: "Documents",
    description: null,
    shortName: "couchdb",
    collectionId: "default",
    config: { url: CouchUpstream.url, databases: ["db"], page_size: 10 },
    credentials: { username: "reader", password: "correct horse battery" },
    schedule: null,
    settings: {},
    manifest: null,
    syncImmediately: false,
    ...overrides,
  };
}

/** A source connection as the Worker reaches it, and its object from the inside. */
export class TestConnection {
  readonly id: string;

  constructor(id: string) {
    this.id = id;
  }

  static async create(overrides: Partial<CreateConnection> = {}): Promise<TestConnection> {
    const input = aCreate(overrides);
    const connection = new TestConnection(input.id);
    valueOf(await connection.stub.create(input));
    return connection;
  }

  /** A new one each time: the stub of an object that died stays broken. */
  get stub() {
    return env.SOURCE_CONNECTION.getByName(this.id);
  }

  run(request: Partial<RunRequest> = {}): Promise<Reply<Job>> {
    return this.stub.run(ORGANIZATION, { ...A_RUN, ...request });
  }

  async job(id: string): Promise<Job> {
    return valueOf(await this.stub.job(ORGANIZATION, id));
  }

  async describe(): Promise<ConnectionSnapshot> {
    return valueOf(await this.stub.describe(ORGANIZATION));
  }

  /** Starts a job and works on it until it has ended. */
  async sync(request: Partial<RunRequest> = {}): Promise<Job> {
    return this.finish(valueOf(await this.run(request)));
  }

  /** Lets time pass and alarms go off until the job has ended. */
  async finish({ id }: Pick<Job, "id">): Promise<Job> {
    for (let alarms = 0; alarms < ALARM_LIMIT; alarms += 1) {
      const job = await this.job(id);
      if (isTerminal(job.status)) return job;
      await this.nextAlarm();
    }
    throw new Error("The job does not come to an end.");
  }

  /** Lets alarms go off until nothing is due any more; the last may be taken back while something is still told. */
  async settle(): Promise<void> {
    for (let at = await this.alarmAt(); at !== null; at = await this.alarmAt()) {
      vi.setSystemTime(Math.max(Date.now(), at));
      await runDurableObjectAlarm(this.stub);
    }
  }

  /** Moves the clock to the next alarm and lets it go off. */
  async nextAlarm(): Promise<void> {
    const at = await this.alarmAt();
    if (at === null) throw new Error("No alarm is set: nothing would ever happen again.");
    vi.setSystemTime(Math.max(Date.now(), at));
    await runDurableObjectAlarm(this.stub);
  }

  /**
   * Lets the next alarm go off and kills the object in the middle of it, once `isTime`. As after a real death, the
   * alarm is set again: the platform tries it until it has ended.
   */
  async dieInAlarm(isTime: () => boolean): Promise<void> {
    // An alarm may go off for something else first, an event to be told.
    let isOver = false;
    const startAlarm = async (): Promise<boolean> => {
      isOver = false;
      vi.setSystemTime(Math.max(Date.now(), (await this.alarmAt()) ?? 0));
      return runDurableObjectAlarm(this.stub)
        .catch(() => false)
        .finally(() => (isOver = true));
    };
    let alarm = startAlarm();
    while (!isTime()) {
      await this.stub.storageUsage();
      if (isOver && !isTime()) alarm = startAlarm();
    }
    await this.kill();
    await alarm;
    await this.storage((storage) => storage.setAlarm(Date.now() + 1));
  }

  /** The object's isolate is gone at once, whatever it was doing. */
  async kill(): Promise<void> {
    await runInDurableObject(this.stub, (_object, state) => state.abort("Killed by a test.")).catch(() => undefined);
  }

  alarmAt(): Promise<number | null> {
    return runInDurableObject(this.stub, (_object, { storage }) => storage.getAlarm());
  }

  storage<T>(use: (storage: DurableObjectStorage) => T | Promise<T>): Promise<T> {
    return runInDurableObject(this.stub, (_object, { storage }) => use(storage));
  }

  rows(statement: string, ...bindings: (string | number | null)[]): Promise<SqlRow[]> {
    return this.storage((storage) => new Sql(storage).all(statement, ...bindings));
  }

  /** The whole copy: data by id. */
  async copy(stream: string | null = null, limit = 1_000): Promise<Map<string, unknown>> {
    const copy = new Map<string, unknown>();
    for (let cursor: string | null = null, more = true; more;) {
      const page: JsonPage = valueOf(await this.stub.entities(ORGANIZATION, { stream, limit, cursor }));
      for (const item of page.items) {
        const { id, data } = entitySchema.parse(JSON.parse(item));
        copy.set(id, data);
      }
      cursor = page.nextCursor;
      more = page.hasMore;
    }
    return copy;
  }

  /** Every change after `since`, and where the feed goes on. */
  async changes(since: string | null = null, limit = 1_000): Promise<{ changes: Change[]; next: string }> {
    const changes: Change[] = [];
    for (let cursor = since; ;) {
      const page = valueOf(await this.stub.changes(ORGANIZATION, { since: cursor, limit }));
      changes.push(...page.items.map(changeOf));
      if (page.nextCursor === null) throw new Error("The feed gave no cursor.");
      if (!page.hasMore) return { changes, next: page.nextCursor };
      cursor = page.nextCursor;
    }
  }
}

const entitySchema = z.object({ stream: z.string(), id: z.string(), data: z.unknown() });
const changeSchema = z.object({
  op: z.enum(["upsert", "delete"]),
  stream: z.string(),
  id: z.string(),
  entity: z.unknown(),
  job_id: z.string(),
  at: z.iso.datetime(),
});
export type Change = z.infer<typeof changeSchema>;

/** A change as the object spells it. */
export function changeOf(item: string): Change {
  return changeSchema.parse(JSON.parse(item));
}

/** What a consumer has who applied these changes, in order, to what it had. */
export function follow(changes: readonly Change[], before: ReadonlyMap<string, unknown> = new Map()) {
  const copy = new Map(before);
  for (const { op, id, entity } of changes) {
    if (op === "upsert") copy.set(id, entity);
    else copy.delete(id);
  }
  return copy;
}

/** What an answer holds; a refusal fails the test, saying what it was. */
export function valueOf<T>(reply: Reply<T>): T {
  if (!reply.ok) throw new Error(`Refused: ${reply.refusal.code}: ${reply.refusal.message}`);
  return reply.value;
}
