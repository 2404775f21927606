import { DurableObject } from "cloudflare:workers";

import { readConfig } from "#config";
import type { ConnectionSnapshot } from "#core/connection";
import { accepted, refused, type Reply } from "#core/errors";
import type { Job } from "#core/job";
import { findSource } from "#sources/registry";
import { Sql } from "#storage/sql";
import { WakeUp } from "#storage/wake-up";
import {
  UNKNOWN_HOOK,
  type HookAnswer,
  type HookPatch,
  type HookSnapshot,
  type NewHook,
  type NewHookToken,
  type ReceivedHook,
} from "#triggers/webhook/hook";
import { ascendingIds } from "./ascending-ids.ts";
import { createConnection } from "./creation.ts";
import { NO_CONNECTION } from "./no-connection.ts";
import { OpenConnection } from "./open-connection.ts";
import type {
  ConnectionPatch,
  CreateConnection,
  EntitiesRequest,
  FireOutcome,
  JobLogPage,
  JobPage,
  JsonPage,
  NewestChanges,
  Overdue,
  RunRequest,
  SourceConnectionRpc,
  Watched,
  WatchRequest,
} from "./rpc.ts";
import { hasSchema, migrate } from "./schema.ts";
import { openStores, type Outlets } from "./stores.ts";
import type { Surroundings } from "./surroundings.ts";

/**
 * One source connection: its gate. Opens its storage, offers its methods to the Worker, and lets its alarm work.
 * An object that was never created has no tables, and answers that there is nothing.
 */
export class SourceConnection extends DurableObject implements SourceConnectionRpc {
  readonly #sql: Sql;
  readonly #around: Surroundings;
  readonly #wakeUp: WakeUp;
  #open: OpenConnection | null = null;

  constructor(ctx: DurableObjectState, env: Cloudflare.Env, around: Surroundings = theWorld()) {
    super(ctx, env);
    this.#around = around;
    this.#sql = new Sql(ctx.storage);
    this.#wakeUp = new WakeUp(ctx.storage, () => this.#around.now());
    if (!hasSchema(this.#sql)) return;
    migrate(this.#sql);
    this.#open = this.#opened(openStores(this.#sql, this.#outlets()));
  }

  async create(input: CreateConnection): Promise<Reply<ConnectionSnapshot>> {
    // Ids are made for one create, so this is the same call again.
    if (this.#open !== null) return this.describe(input.organizationId);
    const stores = await createConnection(this.#sql, this.#outlets(), readConfig(this.env), this.#around, input);
    if (!stores.ok) return stores;
    // The same call a second time, while the source was being asked.
    if (stores.value === null) return this.describe(input.organizationId);
    const open = this.#opened(stores.value);
    this.#open = open;
    if (input.syncImmediately) {
      open.jobs.run({ trigger: "create", onConflict: "attach", idempotencyKey: null, ...PLAIN_RUN });
    }
    return open.serve(async () => {
      await open.tellD1();
      return accepted(open.snapshot());
    });
  }

  async describe(organizationId: string): Promise<Reply<ConnectionSnapshot>> {
    return this.#with(organizationId, (open) => accepted(open.snapshot()));
  }

  async update(organizationId: string, patch: ConnectionPatch): Promise<Reply<ConnectionSnapshot>> {
    return this.#with(organizationId, (open) => open.amend(patch));
  }

  async erase(organizationId: string): Promise<Reply<ConnectionSnapshot>> {
    return this.#with(organizationId, async (open) => accepted(await open.erase()));
  }

  async run(organizationId: string, request: RunRequest): Promise<Reply<Job>> {
    return this.#with(organizationId, (open) => open.run(request));
  }

  async jobs(organizationId: string, request: { limit: number; cursor: string | null }): Promise<Reply<JobPage>> {
    return this.#with(organizationId, (open) => open.jobs.list(request));
  }

  async job(organizationId: string, jobId: string): Promise<Reply<Job>> {
    return this.#with(organizationId, (open) => open.jobs.job(jobId));
  }

  async watch(organizationId: string, jobId: string, seen: WatchRequest): Promise<Reply<Watched>> {
    return this.#with(organizationId, (open) => open.watched.watch(jobId, seen));
  }

  async jobLog(
    organizationId: string,
    jobId: string,
    request: { cursor: string | null; limit: number },
  ): Promise<Reply<JobLogPage>> {
    return this.#with(organizationId, (open) => open.watched.log(jobId, request));
  }

  async cancel(organizationId: string, jobId: string): Promise<Reply<Job>> {
    return this.#with(organizationId, (open) => open.cancel(jobId));
  }

  async entities(organizationId: string, request: EntitiesRequest): Promise<Reply<JsonPage>> {
    return this.#with(organizationId, (open) => open.entities().list(request));
  }

  async entity(organizationId: string, stream: string, id: string): Promise<Reply<string>> {
    return this.#with(organizationId, (open) => open.entities().one(stream, id));
  }

  async changes(organizationId: string, request: { limit: number; since: string | null }): Promise<Reply<JsonPage>> {
    return this.#with(organizationId, (open) => open.changes().read(request));
  }

  async newestChanges(
    organizationId: string,
    request: { limit: number; before: string | null },
  ): Promise<Reply<NewestChanges>> {
    return this.#with(organizationId, (open) => open.changes().readNewest(request));
  }

  async resetStream(organizationId: string, stream: string): Promise<Reply<ConnectionSnapshot>> {
    return this.#with(organizationId, (open) => open.resetStream(stream));
  }

  async republish(organizationId: string): Promise<Reply<ConnectionSnapshot>> {
    return this.#with(organizationId, async (open) => accepted(await open.republish()));
  }

  async hook(organizationId: string): Promise<Reply<HookSnapshot>> {
    return this.#with(organizationId, (open) => open.hook.describe());
  }

  async createHook(organizationId: string, input: NewHook): Promise<Reply<HookSnapshot>> {
    return this.#with(organizationId, (open) => open.hook.create(input));
  }

  async updateHook(organizationId: string, patch: HookPatch): Promise<Reply<HookSnapshot>> {
    return this.#with(organizationId, async (open) => open.armedAfter(await open.hook.update(patch)));
  }

  async rotateHook(organizationId: string, token: NewHookToken): Promise<Reply<HookSnapshot>> {
    return this.#with(organizationId, (open) => open.hook.rotate(token));
  }

  async removeHook(organizationId: string): Promise<Reply<HookSnapshot>> {
    return this.#with(organizationId, (open) => open.armedAfter(open.hook.remove()));
  }

  async receiveHook(received: ReceivedHook): Promise<Reply<HookAnswer>> {
    const open = this.#open;
    if (open === null || open.isDeleted) return refused(UNKNOWN_HOOK);
    return open.serve(() => open.receiveHook(received));
  }

  async poke(overdue: Overdue, jobIds: readonly string[]): Promise<readonly string[] | null> {
    const open = this.#open;
    return open === null ? null : open.serve(() => open.poke(overdue, jobIds));
  }

  async fire(dueAt: number): Promise<FireOutcome> {
    const open = this.#open;
    return open === null ? "absent" : open.fire(dueAt);
  }

  async storageUsage(): Promise<{ rowsRead: number; rowsWritten: number }> {
    return this.#sql.usage();
  }

  /**
   * Works for one slice, and sets the next alarm last: one set earlier would keep the platform from trying again
   * after a death in between. Throws only for faults that nothing here understands; the platform then tries again.
   */
  override async alarm(): Promise<void> {
    this.#wakeUp.fired();
    const open = this.#open;
    if (open === null) return;
    await open.work();
    if (open.isErasable) await this.#empty(open);
    else open.arm();
  }

  async #empty(open: OpenConnection): Promise<void> {
    this.#open = null;
    try {
      await this.ctx.storage.deleteAll();
    } catch (error) {
      // Emptying a large object can take more than one try; the platform calls the alarm again.
      this.#open = open;
      throw error;
    }
  }

  /** Lets the owner in, and looks after the alarm on the way: one that was lost is set again by any call. */
  async #with<T>(
    organizationId: string,
    use: (open: OpenConnection) => Reply<T> | Promise<Reply<T>>,
  ): Promise<Reply<T>> {
    const open = this.#open;
    if (open === null || !open.belongsTo(organizationId)) return refused(NO_CONNECTION);
    open.arm();
    return open.serve(() => use(open));
  }

  #outlets(): Outlets {
    const { DB: db, EVENT_DELIVERY: deliveries } = this.env;
    return {
      db,
      publish: (organizationId, events) => deliveries.getByName(organizationId).publish(organizationId, events),
    };
  }

  #opened(stores: ReturnType<typeof openStores>): OpenConnection {
    return new OpenConnection(stores, readConfig(this.env), this.#around, this.#wakeUp);
  }
}

function theWorld(): Surroundings {
  return {
    now: () => Date.now(),
    random: () => Math.random(),
    newId: ascendingIds(),
    findSource: (shortName) => findSource(shortName, { internal: true }),
  };
}

const PLAIN_RUN = { forceFullSync: false, confirmDeletes: false } as const;
