import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { openGate } from "#connection/gate";
import { SourceConnection } from "#connection/object";
import type { CreateConnection, SourceConnectionRpc } from "#connection/rpc";
import { EVENT_TYPES } from "#core/event";
import type { Schedule } from "#core/schedule";
import { openEvents } from "#events/gate";
import { EventDelivery } from "#events/object";
import type { EventDeliveryRpc } from "#events/rpc";
import { seededRandom } from "#sources/internal/seeded-random";
import { everyMinute } from "#triggers/every-minute";
import type { Manner } from "#test/support/moving-upstream";
import { SimulatedClock, settled } from "./platform/clock.ts";
import { SimulatedDatabase } from "./platform/database.ts";
import type { Life } from "./platform/life.ts";
import { MemorySqlite } from "./platform/memory-sqlite.ts";
import { ObjectHost } from "./platform/object-host.ts";
import { carried } from "./simulated-line.ts";
import { SimulatedUpstream } from "./simulated-upstream.ts";
import { calm, type Weather } from "./weather.ts";

/** A minute with nothing special about it. */
export const BEGINNING = Date.UTC(2026, 2, 15, 9, 30, 17);
const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;

export const ORGANIZATION = "00000000-0000-4000-8000-000000000001";
const CONNECTION = "5e000000-0000-4000-8000-00000000c0de";
const RECEIVER = "https://receiver.example/hook";

/** Planted, and looked for in everything that comes out. */
export const SECRET = "correct-horse-battery";

export const SCHEDULE: Schedule = {
  cron: "*/5 * * * *",
  timezone: "UTC",
  full_sync_cron: "7 * * * *",
  continuous: true,
  cursor_field: null,
};

/** Small budgets: a slice is a few pages, and a deadline comes within a history. */
const VARIABLES = {
  SLUICE_API_KEY: "simulated-key-0123456789",
  SLUICE_ENCRYPTION_KEYS: "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
  SLICE_BUDGET_MS: "1500",
  REQUEST_TIMEOUT_MS: "5000",
  JOB_DEADLINE_SECONDS: "1800",
  STREAM_CONCURRENCY: "2",
};

/** Alarms in one go that mean that something goes in circles. */
const ALARM_LIMIT = 3_000;

const MIGRATIONS = join(import.meta.dirname, "../../src/records/migrations");
const TABLES = readdirSync(MIGRATIONS)
  .toSorted()
  .map((file) => readFileSync(join(MIGRATIONS, file), "utf8"));

/** A message that the receiver of events took. */
export interface Taken {
  readonly type: string;
  readonly jobId: string | null;
}

/**
 * All of Sluice behind its routes, in one place and out of time: the real objects with real SQLite, D1, cron, an
 * upstream and a receiver. Only what the platform and others do is made up, and everything that can go wrong does.
 */
export class World {
  readonly clock: SimulatedClock;
  readonly weather: Weather = calm();
  readonly upstream: SimulatedUpstream;
  readonly database = new MemorySqlite();
  readonly connection: ObjectHost<SourceConnection>;
  readonly deliveries: ObjectHost<EventDelivery>;
  readonly gate: SourceConnectionRpc;
  readonly taken: Taken[] = [];
  /** What no history may bring about. */
  readonly faults: string[] = [];
  readonly #chance: () => number;
  #ids = 0;
  #lastIdAt = 0;
  /** Called after everything that happens. */
  onStep: () => void = () => undefined;

  constructor(clock: SimulatedClock, manner: Manner, seed: number) {
    this.clock = clock;
    this.#chance = seededRandom(seed, 0);
    const { weather } = this;
    this.upstream = new SimulatedUpstream(manner, clock, this.#chance, weather);
    for (const statements of TABLES) this.database.all(statements);
    const onFault = (fault: string) => this.faults.push(fault);
    this.connection = new ObjectHost<SourceConnection>(
      clock,
      (storage, life) =>
        Reflect.construct(SourceConnection, [
          { storage },
          this.#environment(life),
          {
            now: () => clock.now,
            random: this.#chance,
            newId: (at: number) => this.#newId(at),
            findSource: () => this.upstream.source(),
          },
        ]),
      onFault,
    );
    this.deliveries = new ObjectHost<EventDelivery>(
      clock,
      (storage, life) =>
        Reflect.construct(EventDelivery, [
          { storage },
          this.#environment(life),
          {
            now: () => clock.now,
            random: this.#chance,
            newId: () => this.#newId(clock.now),
            fetch: (url: string, init: RequestInit) => this.#receive(url, init),
          },
        ]),
      onFault,
    );
    this.gate = Reflect.apply(openGate, null, [
      { getByName: () => stubOf(this.connection) },
      CONNECTION,
      () => this.#newId(clock.now),
    ]);
  }

  /** A connection that has not synced yet, and somebody who wants to hear of everything. */
  async begin(): Promise<void> {
    const { manner } = this.upstream;
    await this.#events().subscribe({ id: this.#newId(0), url: RECEIVER, filterTypes: EVENT_TYPES, secret: null });
    const input: CreateConnection = {
      id: CONNECTION,
      organizationId: ORGANIZATION,
      name: "Simulated",
      description: null,
      shortName: "simulated",
      manifest: null,
      collectionId: "default",
      config: {},
      credentials: { password: SECRET },
      schedule: { ...SCHEDULE, full_sync_cron: manner === "listing" ? null : SCHEDULE.full_sync_cron },
      settings: { delete_guard_min_entities: 4 },
      syncImmediately: false,
    };
    await this.gate.create(input);
    await settled();
  }

  /** Cron comes by. Not waited for. */
  minute(): void {
    const env = this.#environment(null);
    const reach = { gate: () => this.gate, events: () => this.#events() };
    void Reflect.apply(everyMinute, null, [env, reach, () => this.clock.now]);
  }

  /** Lets time pass, and everything happen that is due meanwhile. Cron comes by six times at most. */
  async pass(milliseconds: number): Promise<void> {
    const until = this.clock.now + milliseconds;
    const cronEvery = Math.max(1, Math.ceil(milliseconds / MINUTE_MS / 6)) * MINUTE_MS;
    let cronAt = (Math.floor(this.clock.now / cronEvery) + 1) * cronEvery;
    for (let steps = 0; ; steps += 1) {
      if (steps > ALARM_LIMIT) {
        this.faults.push(`It goes in circles: ${ALARM_LIMIT} things happened within ${milliseconds} ms.`);
        return;
      }
      const next = this.nextAt();
      if (Math.min(next ?? Number.POSITIVE_INFINITY, cronAt) > until) break;
      if (next !== null && next <= cronAt) await this.next();
      else {
        this.clock.now = Math.max(this.clock.now, cronAt);
        cronAt += cronEvery;
        this.minute();
        await this.#stepped();
      }
      if (this.faults.length > 0) return;
    }
    this.clock.now = until;
    await this.#stepped();
  }

  /** When something happens next by itself; null if nothing does. */
  nextAt(): number | null {
    const times = [this.clock.nextAt(), this.connection.alarmAt, this.deliveries.alarmAt].filter((at) => at !== null);
    return times.length === 0 ? null : Math.min(...times);
  }

  /** Lets the next thing happen, and what follows from it at once. */
  async next(): Promise<void> {
    const at = this.nextAt();
    // What is to come in two weeks, messages to be forgotten, is no part of a history.
    if (at === null || at > this.clock.now + DAY_MS) return;
    const dueNow = [
      ...(this.clock.nextAt() === at ? [() => this.clock.ringNext()] : []),
      ...[this.connection, this.deliveries].flatMap((host) => (host.alarmAt === at ? [() => host.goOff()] : [])),
    ];
    this.clock.now = Math.max(this.clock.now, at);
    dueNow[Math.floor(this.#chance() * dueNow.length)]?.();
    await this.#stepped();
  }

  /** What follows at once from something that has just been done. */
  async #stepped(): Promise<void> {
    await settled();
    this.onStep();
  }

  /** The end of the history: nothing of it may come back into the next. */
  close(): void {
    this.connection.kill();
    this.deliveries.kill();
    for (const sqlite of [this.database, this.connection.disk.sqlite, this.deliveries.disk.sqlite]) sqlite.close();
  }

  #environment(life: Life | null): object {
    const DB = new SimulatedDatabase(this.database, (apply) =>
      this.#fromLife(life, () => carried(this.clock, this.#chance, this.weather.database, apply)),
    );
    const EVENT_DELIVERY = {
      getByName: () =>
        stubOf(this.deliveries, (call) =>
          this.#fromLife(life, () => carried(this.clock, this.#chance, this.weather.handover, call)),
        ),
    };
    return { ...VARIABLES, DB, EVENT_DELIVERY };
  }

  /** What a dead process sends goes nowhere, and it hears of nothing. */
  async #fromLife<T>(life: Life | null, send: () => Promise<T>): Promise<T> {
    const isDead = () => life?.isOver === true;
    if (isDead()) return SILENCE;
    const answer = await send();
    return isDead() ? SILENCE : answer;
  }

  #events(): EventDeliveryRpc {
    return Reflect.apply(openEvents, null, [{ getByName: () => stubOf(this.deliveries) }, ORGANIZATION]);
  }

  async #receive(_url: string, init: RequestInit): Promise<Response> {
    if (init.method === "HEAD") return new Response(null);
    const payload: unknown = JSON.parse(typeof init.body === "string" ? init.body : "null");
    const [type, jobId] = ["event_type", "sync_job_id"].map((key) => String(Reflect.get(Object(payload), key)));
    const take = () => this.taken.push({ type: type ?? "", jobId: jobId ?? null });
    switch (this.weather.receiver) {
      case "fine":
        take();
        return new Response("ok");
      case "failing":
        return new Response("no", { status: 500 });
      case "hanging":
        return new Promise(() => undefined);
      case "answer_lost":
        take();
        throw new TypeError("Network connection lost.");
    }
  }

  /** UUIDv7s that count instead of being random. */
  #newId(at: number): string {
    this.#ids += 1;
    this.#lastIdAt = Math.max(at, this.#lastIdAt + 1);
    const time = this.#lastIdAt.toString(16).padStart(12, "0");
    const count = this.#ids.toString(16).padStart(12, "0");
    return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${count}`;
  }
}

/** Never settles. */
const SILENCE = new Promise<never>(() => undefined);

type Send = <T>(call: () => Promise<T>) => Promise<T>;

/** Calls an object's methods as its stub does. */
function stubOf(host: ObjectHost<SourceConnection | EventDelivery>, send: Send = (call) => call()): object {
  return new Proxy(
    {},
    {
      get:
        (_target, method) =>
        (...given: unknown[]) => {
          const args: unknown[] = structuredClone(given);
          const call = async (object: object): Promise<unknown> =>
            Reflect.apply(Reflect.get(object, method), object, args);
          return send(() => host.call(call));
        },
    },
  );
}
