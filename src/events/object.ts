import { DurableObject } from "cloudflare:workers";
import { v7 as uuidv7 } from "uuid";

import { readConfig } from "#config";
import { accepted, refused, type Reply } from "#core/errors";
import type { SluiceEvent } from "#core/event";
import { UNKNOWN_CURSOR } from "#core/unknown-cursor";
import { outboundFetch } from "#sources/outbound-fetch";
import { hasTables } from "#storage/migrations";
import { Sql } from "#storage/sql";
import { WakeUp } from "#storage/wake-up";
import { Deliveries, outsideOf, type Surroundings } from "./deliveries.ts";
import { eventStatistics, NO_STATISTICS } from "./event-statistics.ts";
import { receiverRefusal } from "./receiver-refusal.ts";
import type {
  EventDeliveryRpc,
  EventStatistics,
  Look,
  MessageDetail,
  MessagePage,
  MessagesRequest,
  NewSubscription,
  RecoveryRange,
  Subscription,
  SubscriptionDetail,
  SubscriptionPatch,
} from "./rpc.ts";

/** The events of one organization. Opens its storage, offers its methods to the Worker, and lets its alarm work. */
export class EventDelivery extends DurableObject implements EventDeliveryRpc {
  readonly #sql: Sql;
  readonly #around: Surroundings;
  readonly #wakeUp: WakeUp;
  #opened: Deliveries | null = null;

  constructor(ctx: DurableObjectState, env: Cloudflare.Env, around: Surroundings = THE_WORLD) {
    super(ctx, env);
    this.#around = around;
    this.#sql = new Sql(ctx.storage);
    this.#wakeUp = new WakeUp(ctx.storage, () => this.#around.now());
    if (hasTables(this.#sql)) this.#open();
  }

  async publish(organizationId: string, events: readonly SluiceEvent[]): Promise<void> {
    await this.#open().publish(organizationId, events);
    this.#arm();
  }

  async subscriptions(): Promise<readonly Subscription[]> {
    return this.#opened?.subscriptions.list() ?? [];
  }

  async subscription(id: string, request: { includeSecret: boolean }): Promise<Reply<SubscriptionDetail>> {
    return this.#opened?.subscriptions.describe(id, request) ?? NO_SUBSCRIPTION;
  }

  async subscribe(input: NewSubscription): Promise<Reply<SubscriptionDetail>> {
    // The platform's second call of one that was answered is answered the same, whatever has become of the address.
    const made = await this.subscription(input.id, { includeSecret: true });
    if (made.ok) return made;
    // Before anything is opened: an organization that had no tables has none after a refusal.
    const refusal = await receiverRefusal(outsideOf(readConfig(this.env), this.#around), input.url);
    if (refusal !== null) return refused(refusal);
    return this.#armed(await this.#open().subscriptions.create(input));
  }

  async amend(id: string, patch: SubscriptionPatch): Promise<Reply<Subscription>> {
    return this.#armed(await this.#opened?.subscriptions.amend(id, patch)) ?? NO_SUBSCRIPTION;
  }

  async unsubscribe(id: string): Promise<Reply<Subscription>> {
    return this.#armed(this.#opened?.subscriptions.remove(id)) ?? NO_SUBSCRIPTION;
  }

  async rotateSecret(id: string, secret: string | null): Promise<Reply<Subscription>> {
    return this.#armed(await this.#opened?.subscriptions.rotateSecret(id, secret)) ?? NO_SUBSCRIPTION;
  }

  async recover(id: string, range: RecoveryRange): Promise<Reply<number>> {
    return this.#armed(this.#opened?.subscriptions.recover(id, range)) ?? NO_SUBSCRIPTION;
  }

  async messages(request: MessagesRequest): Promise<Reply<MessagePage>> {
    if (this.#opened !== null) return this.#opened.messages(request);
    return request.cursor === null ? accepted({ messages: [], nextCursor: null }) : refused(UNKNOWN_CURSOR);
  }

  async message(id: string, request: { includeAttempts: boolean }): Promise<Reply<MessageDetail>> {
    return this.#opened?.message(id, request) ?? NO_MESSAGE;
  }

  async look(): Promise<Look> {
    return this.#armed(this.#opened?.look() ?? { next: null, wasLate: false });
  }

  async statistics(): Promise<EventStatistics> {
    return this.#opened === null ? NO_STATISTICS : eventStatistics(this.#sql, this.#around.now());
  }

  async storageUsage(): Promise<{ rowsRead: number; rowsWritten: number }> {
    return this.#sql.usage();
  }

  /** Starts what is due and does not wait for it: a receiver that hangs must not keep the alarm from the others. */
  override async alarm(): Promise<void> {
    this.#wakeUp.fired();
    this.#opened?.work();
    this.#arm();
  }

  #open(): Deliveries {
    this.#opened ??= new Deliveries(this.#sql, this.env.DB, readConfig(this.env), this.#around, () => this.#arm());
    return this.#opened;
  }

  #armed<T>(reply: T): T {
    this.#arm();
    return reply;
  }

  #arm(): void {
    if (this.#opened !== null) this.#wakeUp.armFor([this.#opened.dueAt()]);
  }
}

const THE_WORLD: Surroundings = {
  now: () => Date.now(),
  random: () => Math.random(),
  newId: () => uuidv7(),
  fetch: outboundFetch,
};

// An organization in which nothing has happened yet has no tables, and does not get them by being asked.
const NO_SUBSCRIPTION = refused({ code: "not_found", message: "Webhook subscription not found" });
const NO_MESSAGE = refused({ code: "not_found", message: "Message not found" });
