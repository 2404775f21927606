import { z } from "zod";

import type { Config } from "#config";
import { accepted, refused, type Reply } from "#core/errors";
import type { SluiceEvent } from "#core/event";
import { UNKNOWN_CURSOR } from "#core/unknown-cursor";
import { CursorSeal } from "#storage/cursor-seal";
import { Documents } from "#storage/documents";
import { applyMigrations } from "#storage/migrations";
import type { Sql } from "#storage/sql";
import { CollectionNames } from "./collection-names.ts";
import { Courier } from "./courier.ts";
import { Lookout } from "./lookout.ts";
import { KEPT_MS, MessageStore } from "./message-store.ts";
import { Queue } from "./queue.ts";
import type { Outside } from "./receiver.ts";
import type { Look, MessageDetail, MessagePage, MessagesRequest } from "./rpc.ts";
import { MIGRATIONS } from "./schema.ts";
import { Signing } from "./signing.ts";
import { SubscriptionStore } from "./subscription-store.ts";
import { Subscriptions } from "./subscriptions.ts";

/** Messages are kept for 14 days, and a day at most until somebody looks. */
const PRUNE_EVERY_MS = 86_400_000;

/** What a cursor of the listing is signed for. */
const MESSAGES = "messages";

/** What an organization's deliveries take from the world besides their storage. Tests give their own. */
export interface Surroundings {
  /** Epoch milliseconds. */
  now(): number;
  /** Between 0 and 1. */
  random(): number;
  /** A new UUIDv7. */
  newId(): string;
  fetch(url: string, init: RequestInit, permission: { readonly allowPrivate: boolean }): Promise<Response>;
}

/** The events of one organization, and who is told of them. */
export class Deliveries {
  readonly subscriptions: Subscriptions;
  readonly courier: Courier;
  readonly #sql: Sql;
  readonly #around: Surroundings;
  readonly #documents: Documents;
  readonly #cursors: CursorSeal;
  readonly #store: SubscriptionStore;
  readonly #messages: MessageStore;
  readonly #queue: Queue;
  readonly #names: CollectionNames;
  readonly #lookout: Lookout;
  #prunedAt: number | null = null;

  /** @param onChange called whenever the next thing to do may have changed */
  constructor(sql: Sql, db: D1Database, worker: Config, around: Surroundings, onChange: () => void) {
    applyMigrations(sql, MIGRATIONS);
    this.#sql = sql;
    this.#around = around;
    this.#documents = new Documents(sql);
    this.#cursors = new CursorSeal(this.#documents);
    this.#store = new SubscriptionStore(sql);
    this.#messages = new MessageStore(sql);
    this.#queue = new Queue(sql);
    this.#names = new CollectionNames(sql, db);
    this.#lookout = new Lookout(this.#documents, db);
    const outside = outsideOf(worker, around);
    const signing = new Signing(worker.SLUICE_ENCRYPTION_KEYS);
    this.courier = new Courier({
      sql,
      subscriptions: this.#store,
      messages: this.#messages,
      queue: this.#queue,
      signing,
      outside,
      random: () => around.random(),
      newId: () => around.newId(),
      requestBudget: worker.SLICE_BUDGET_REQUESTS,
      onChange,
    });
    this.subscriptions = new Subscriptions({
      sql,
      store: this.#store,
      messages: this.#messages,
      queue: this.#queue,
      signing,
      outside,
      onQueued: () => void this.#deliver(),
    });
  }

  /** Takes in what is new of these events, and begins to deliver it. */
  async publish(organizationId: string, events: readonly SluiceEvent[]): Promise<void> {
    const now = this.#around.now();
    const complete = await this.#names.complete(organizationId, events, now);
    const isAnyNew = this.#sql.transaction(() => {
      this.#lookout.learn(organizationId);
      const added = complete.filter((event) => this.#messages.add(event, JSON.stringify(event.payload)));
      for (const event of added) this.#enqueue(event, now);
      return added.length > 0;
    });
    if (isAnyNew) await this.#deliver();
  }

  messages(request: MessagesRequest): Reply<MessagePage> {
    const { cursor, ...wanted } = request;
    const before = cursor === null ? null : this.#cursors.open(MESSAGES, cursor);
    if (cursor !== null && before === null) return refused(UNKNOWN_CURSOR);
    const { messages, next } = this.#messages.list({ ...wanted, before });
    return accepted({ messages, nextCursor: next === null ? null : this.#cursors.seal(MESSAGES, next) });
  }

  message(id: string, { includeAttempts }: { readonly includeAttempts: boolean }): Reply<MessageDetail> {
    const message = this.#messages.read(id);
    if (message === null) return refused({ code: "not_found", message: "Message not found" });
    return accepted({ ...message, attempts: includeAttempts ? this.#messages.attemptsOf(id) : null });
  }

  /** What the alarm does: delivers what is due, and forgets what is old. */
  work(): void {
    const now = this.#around.now();
    if (this.#pruneAt(now) <= now) {
      this.#sql.transaction(() => {
        this.#messages.prune(now);
        this.#documents.write("pruned", { at: now });
        this.#prunedAt = now;
      });
    }
    void this.#deliver();
  }

  /** What the watchdog does: the same, should the alarm have been lost. */
  look(): Look {
    const now = this.#around.now();
    const look = this.#lookout.look(this.courier.dueAt(now), now);
    this.work();
    return look;
  }

  /** When `work` is due, in epoch milliseconds. */
  dueAt(): number {
    const now = this.#around.now();
    return Math.min(this.courier.dueAt(now) ?? Number.POSITIVE_INFINITY, this.#pruneAt(now));
  }

  /** Begins to deliver what is due. Resolves once D1 knows of what is queued. */
  async #deliver(): Promise<void> {
    this.courier.deliver();
    const now = this.#around.now();
    const dueAt = this.courier.dueAt(now);
    if (dueAt !== null) await this.#lookout.plan(dueAt, now);
  }

  /** A subscription whose first retry of this job is still to come is told the rest after it. */
  #enqueue({ id: messageId, type, orderKey }: SluiceEvent, now: number): void {
    for (const { id: subscriptionId, filterTypes, standing } of this.#store.all()) {
      if (standing.disabled || !filterTypes.includes(type)) continue;
      const nextAt = Math.max(now, this.#queue.heldUntil(subscriptionId, orderKey));
      this.#queue.add({ subscriptionId, messageId, orderKey, nextAt, attempts: 0 });
    }
  }

  /** Every day; the first time 14 days after the first event, since nothing is older before. */
  #pruneAt(now: number): number {
    this.#prunedAt ??= this.#documents.read("pruned", prunedSchema)?.at ?? null;
    if (this.#prunedAt === null) {
      this.#prunedAt = now + KEPT_MS - PRUNE_EVERY_MS;
      this.#documents.write("pruned", { at: this.#prunedAt });
    }
    return this.#prunedAt + PRUNE_EVERY_MS;
  }
}

/** How receivers are reached, as the Worker's settings permit. */
export function outsideOf({ ALLOW_PRIVATE_UPSTREAMS: allowPrivate }: Config, around: Surroundings): Outside {
  return {
    fetch: (url, init) => around.fetch(url, init, { allowPrivate }),
    now: () => around.now(),
    allowPrivate,
  };
}

const prunedSchema = z.object({ at: z.number() });
