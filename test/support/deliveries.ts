import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { v7 as uuidv7 } from "uuid";

import { readConfig } from "#config";
import { collectionEvent, EVENT_TYPES, syncEvent, type EventType, type SluiceEvent } from "#core/event";
import type { Job } from "#core/job";
import { Deliveries } from "#events/deliveries";
import { eventStatistics } from "#events/event-statistics";
import type { EventStatistics, SubscriptionDetail } from "#events/rpc";
import { Sql } from "#storage/sql";
import { aJob, AT } from "./builders.ts";

const ORGANIZATION = "00000000-0000-4000-8000-0000000000aa";

/** A request as a receiver got it. */
export interface Received {
  readonly url: string;
  readonly headers: Headers;
  readonly body: string;
  /** What the body says it is. */
  readonly type: string;
  readonly jobId: string | null;
}

/** An organization's deliveries in an object of their own, with a clock that only a test moves and receivers made up. */
export class DeliveryWorld {
  now = AT;
  readonly received: Received[] = [];
  /** Answers each delivery; by default they are taken. */
  answer: (request: Received) => Response | Promise<Response> = () => new Response("ok");
  /** Happens while an address is tried, before it is taken. */
  whileTried: () => Promise<void> | void = () => undefined;
  /** When the alarm is set for, as long as the deliveries and the test have said so. */
  alarmAt: number | null = null;
  readonly #sql: Sql;
  #vars: Readonly<Record<string, string>>;
  deliveries: Deliveries;

  /** @param vars over the Worker's variables in tests */
  constructor(sql: Sql, vars: Readonly<Record<string, string>>) {
    this.#sql = sql;
    this.#vars = vars;
    this.deliveries = this.#opened();
  }

  /** As after an eviction: what was only in memory is gone. */
  reopen(vars = this.#vars): void {
    this.#vars = vars;
    this.deliveries = this.#opened();
  }

  statistics(): EventStatistics {
    return eventStatistics(this.#sql, this.now);
  }

  /** All rows of a table, also those that nobody is shown. */
  rowsIn(table: "queue" | "messages" | "attempts"): number {
    return this.#sql.all(`SELECT 1 FROM ${table}`).length;
  }

  async subscribe(
    url = "https://receiver.example/hook",
    filterTypes: readonly EventType[] = EVENT_TYPES,
  ): Promise<SubscriptionDetail> {
    const reply = await this.deliveries.subscriptions.create({
      id: crypto.randomUUID(),
      url,
      filterTypes,
      secret: null,
    });
    if (!reply.ok) throw new Error(reply.refusal.message);
    return reply.value;
  }

  /** Publishes and waits until nothing is under way. */
  async publish(...events: readonly SluiceEvent[]): Promise<void> {
    await this.deliveries.publish(ORGANIZATION, events);
    await this.deliveries.courier.idle();
  }

  /** Lets the alarm go off whenever it is due until this time. */
  async passUntil(time: number): Promise<void> {
    for (let dueAt = this.deliveries.dueAt(); dueAt <= time; dueAt = this.deliveries.dueAt()) {
      this.now = Math.max(this.now + 1, dueAt);
      this.deliveries.work();
      await this.deliveries.courier.idle();
    }
    this.now = time;
  }

  /** What the object does with its alarm: one that goes off sooner does as well. */
  arm(): void {
    this.alarmAt = Math.min(this.deliveries.dueAt(), this.alarmAt ?? Number.POSITIVE_INFINITY);
  }

  /** The alarm goes off; nothing that it started is waited for. */
  goOff(): void {
    this.now = this.alarmAt ?? this.now;
    this.alarmAt = null;
    this.deliveries.work();
    this.arm();
  }

  types(): string[] {
    return this.received.map(({ type }) => type);
  }

  #opened(): Deliveries {
    const around = {
      now: () => this.now,
      random: () => 0,
      newId: () => uuidv7(),
      fetch: (url: string, init: RequestInit) => this.#fetch(new Request(url, init)),
    };
    return new Deliveries(this.#sql, env.DB, readConfig({ ...env, ...this.#vars }), around, () => this.arm());
  }

  async #fetch(request: Request): Promise<Response> {
    if (request.method === "HEAD") {
      await this.whileTried();
      return new Response(null);
    }
    const body = await request.text();
    const payload: unknown = JSON.parse(body);
    const seen: Received = {
      url: request.url,
      headers: request.headers,
      body,
      type: String(Reflect.get(Object(payload), "event_type")),
      jobId: stringOrNull(Reflect.get(Object(payload), "sync_job_id")),
    };
    this.received.push(seen);
    return this.answer(seen);
  }
}

/** Gives `use` deliveries that nobody else uses. */
export async function withDeliveries(
  use: (world: DeliveryWorld) => Promise<void>,
  vars: Readonly<Record<string, string>> = {},
): Promise<void> {
  const stub = env.EVENT_DELIVERY.getByName(crypto.randomUUID());
  await runInDurableObject(stub, (_object, { storage }) => use(new DeliveryWorld(new Sql(storage), vars)));
}

/** A job's event of this status; ids follow each other. */
export function aSyncEvent(status: Job["status"] = "COMPLETED", at = AT, jobId = "job-1"): SluiceEvent {
  const connection = { id: "connection-1", organizationId: ORGANIZATION, collectionId: "default", shortName: "stub" };
  return syncEvent(occurrence(at), connection, aJob({ id: jobId, status }));
}

export function aCollectionEvent(at = AT): SluiceEvent {
  const collection = { id: crypto.randomUUID(), organizationId: ORGANIZATION, name: "Things", readableId: "things" };
  return collectionEvent(occurrence(at), "collection.created", collection);
}

let sequence = 0;

function occurrence(at: number) {
  sequence += 1;
  return { id: uuidv7({ msecs: at, seq: sequence }), at, timestamp: new Date(at).toISOString() };
}

function stringOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
