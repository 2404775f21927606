import { SourceConnection } from "#connection/object";
import { EVENT_TYPES } from "#core/event";
import { hashApiKey } from "#auth/api-key";
import { openEvents } from "#events/gate";
import { EventDelivery } from "#events/object";
import type { EventDeliveryRpc } from "#events/rpc";
import { seededRandom } from "#sources/internal/seeded-random";
import { everyMinute } from "#triggers/every-minute";
import { SimulatedClock, settled } from "./platform/clock.ts";
import { SimulatedDatabase } from "./platform/database.ts";
import type { Life } from "./platform/life.ts";
import { ObjectHost } from "./platform/object-host.ts";
import {
  connectionId,
  DELETE_GUARD,
  HOOK,
  HOOK_TOKEN,
  ORGANIZATION,
  RECEIVER,
  SCHEDULE,
  SECRET,
  VARIABLES,
} from "./setting.ts";
import { gateTo, misplaced, stubOf } from "./way-to-object.ts";
import { dueToD1, isDue } from "./due-connections.ts";
import { Auditor, leaks } from "./auditor.ts";
import { Passage } from "./passage.ts";
import { Disk, ObjectStorage } from "./platform/object-storage.ts";
import type { SimulatedConnection, SimulatedWorld, Taken } from "./simulated-world.ts";
import type { SourceConnectionRpc } from "#connection/rpc";
import { carried, whileAlive } from "./simulated-line.ts";
import { SimulatedUpstream } from "./simulated-upstream.ts";
import { CountingIds } from "./counting-ids.ts";
import { streamStateSchema } from "#core/stream-state";
import { textOf } from "#storage/sql";
import type { Stage, Standing } from "./stage.ts";
import { Sweeps } from "./sweeps.ts";
import { calm, type Weather } from "./weather.ts";

/** A connection of this world can do all that one can. */
interface WholeConnection extends SimulatedConnection {
  readonly id: string;
  readonly object: ObjectHost<SourceConnection>;
  readonly gate: SourceConnectionRpc;
}

/**
 * All of Sluice behind its routes, in one place and out of time: the real objects with real SQLite, D1, cron, an
 * upstream and a receiver. Only what the platform and others do is made up, and everything that can go wrong does.
 */
export class World implements SimulatedWorld {
  readonly clock: SimulatedClock;
  readonly stage: Stage;
  readonly weather: Weather = calm();
  readonly connections: readonly WholeConnection[];
  readonly passage: Passage;
  readonly deliveries: ObjectHost<EventDelivery>;
  readonly taken: Taken[];
  /** What no history may bring about. */
  readonly faults: string[] = [];
  readonly #chance: () => number;
  readonly #ids: CountingIds;
  readonly #sweeps: Sweeps;
  #isOver = false;

  constructor(clock: SimulatedClock, stage: Stage, seed: number) {
    const { now, ids, taken } = stage.standing;
    clock.startOver(now);
    this.clock = clock;
    this.stage = stage;
    this.#ids = new CountingIds(ids);
    this.#sweeps = new Sweeps({
      clock,
      weather: this.weather,
      dueToD1: () => dueToD1(stage.database, clock.now),
      isDue: (id) =>
        stage.connections.some(({ sqlite }, index) => connectionId(index) === id && isDue(sqlite, clock.now)),
      limit: Number(VARIABLES.SWEEP_LIMIT),
      isPlayed: false,
      refusals: () => stage.connections.reduce((sum, { commits }) => sum + commits.refused, 0),
      faults: this.faults,
    });
    this.taken = [...taken];
    this.#chance = seededRandom(seed, 0);
    this.connections = stage.connections.map((disk, index) => this.#connection(disk, index));
    this.deliveries = new ObjectHost<EventDelivery>(
      stage.deliveries,
      clock,
      (life, onAlarmSet) =>
        Reflect.construct(EventDelivery, [
          { storage: new ObjectStorage(stage.deliveries, life, onAlarmSet) },
          this.#environment(life),
          {
            now: () => clock.now,
            random: this.#chance,
            newId: () => this.#ids.next(clock.now),
            fetch: (url: string, init: RequestInit) => this.#receive(url, init),
          },
        ]),
      (fault) => this.faults.push(fault),
    );
    this.passage = new Passage({
      clock,
      chance: this.#chance,
      alarms: [...this.connections.map(({ object }) => object), this.deliveries],
      minute: () => this.minute(),
      faults: this.faults,
    });
  }

  leaks(): readonly string[] {
    return leaks(this.stage);
  }

  /** Connections that have begun their first sync, and somebody who wants to hear of everything. */
  async begin(): Promise<void> {
    await this.#events().subscribe({ id: this.#ids.next(0), url: RECEIVER, filterTypes: EVENT_TYPES, secret: null });
    const isListing = this.stage.manner === "listing";
    for (const { id, gate } of this.connections) {
      await gate.create({
        id,
        organizationId: ORGANIZATION,
        name: "Simulated",
        description: null,
        shortName: "simulated",
        manifest: null,
        collectionId: "default",
        config: {},
        credentials: { password: SECRET },
        schedule: { ...SCHEDULE, full_sync_cron: isListing ? null : SCHEDULE.full_sync_cron },
        settings: { delete_guard_min_entities: DELETE_GUARD.minEntities },
        syncImmediately: true,
      });
      await gate.createHook(ORGANIZATION, {
        tokenHash: await hashApiKey(HOOK_TOKEN),
        settings: HOOK,
        secrets: [],
      });
    }
    await settled();
  }

  get standing(): Standing {
    return { now: this.clock.now, ids: this.#ids.standing, taken: [...this.taken] };
  }

  /** Cron comes by. Not waited for. */
  minute(): void {
    const env = this.#environment(null);
    const gates = new Map(this.connections.map(({ id, gate }) => [id, gate]));
    const reach = { gate: (id: string) => gates.get(id), events: () => this.#events() };
    this.#sweeps.begin(() => Reflect.apply(everyMinute, null, [env, reach, () => this.clock.now]));
  }

  /** The end of the history: nothing of it may come back into the next. */
  async close(): Promise<void> {
    this.#isOver = true;
    for (const { object } of this.connections) object.kill();
    this.deliveries.kill();
    await this.clock.runOut();
  }

  #connection(disk: Disk, index: number): WholeConnection {
    const { clock } = this;
    const id = connectionId(index);
    const upstream = new SimulatedUpstream(
      this.stage.manner,
      clock,
      this.#chance,
      this.weather,
      this.faults,
      (request) => {
        const [row] = disk.sqlite.all("SELECT value FROM streams WHERE name = ?", [request.stream]);
        const stored = row === undefined ? null : streamStateSchema.parse(JSON.parse(textOf(row, "value")));
        return misplaced(request, stored, clock.now);
      },
    );
    const start = (life: Life, onAlarmSet: (at: number) => void): SourceConnection =>
      Reflect.construct(SourceConnection, [
        { storage: new ObjectStorage(disk, life, onAlarmSet) },
        this.#environment(life),
        {
          now: () => clock.now,
          random: this.#chance,
          newId: (at: number) => this.#ids.next(at),
          findSource: () => upstream.source(),
        },
      ]);
    const object = new ObjectHost(disk, clock, start, (fault) => this.faults.push(fault));
    const stub = stubOf(object, (call) => this.#fromLife(null, call), copyOf);
    const auditor = new Auditor(this.stage, clock, this.#sweeps, { id, disk, object });
    const gate = gateTo(id, stub, () => this.#ids.next(clock.now));
    return { id, upstream, object, gate, look: () => auditor.look() };
  }

  #environment(life: Life | null): object {
    const DB = new SimulatedDatabase(this.stage.database, (apply) =>
      this.#fromLife(life, () => carried(this.clock, this.#chance, this.weather.database, apply)),
    );
    const EVENT_DELIVERY = {
      getByName: () =>
        stubOf(
          this.deliveries,
          (call) => this.#fromLife(life, () => carried(this.clock, this.#chance, this.weather.handover, call)),
          copyOf,
        ),
    };
    return { ...VARIABLES, DB, EVENT_DELIVERY };
  }

  /** So it is too with a world that is over. What goes from one process to another is copied. */
  async #fromLife<T>(life: Life | null, send: () => Promise<T>): Promise<T> {
    return whileAlive(() => life?.isOver === true || this.#isOver, send);
  }

  #events(): EventDeliveryRpc {
    const stub = stubOf(this.deliveries, (call) => this.#fromLife(null, call), copyOf);
    return Reflect.apply(openEvents, null, [{ getByName: () => stub }, ORGANIZATION]);
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
}

function copyOf<T>(value: T): T {
  return structuredClone(value);
}
