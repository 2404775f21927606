import { hashApiKey } from "#auth/api-key";
import { sealCredentials } from "#auth/credentials";
import { readConfig } from "#config";
import { announceConnection } from "#connection/announce";
import { settlePlan } from "#connection/schedule-plan";
import type { SourceConnectionRpc } from "#connection/rpc";
import type { Surroundings } from "#connection/surroundings";
import { seededRandom } from "#sources/internal/seeded-random";
import { CountingIds } from "#test/simulation/counting-ids";
import { newConnection } from "#test/simulation/new-connection";
import { Passage } from "#test/simulation/passage";
import type { SimulatedClock } from "#test/simulation/platform/clock";
import { Life } from "#test/simulation/platform/life";
import { ObjectHost } from "#test/simulation/platform/object-host";
import { connectionId, HOOK, HOOK_TOKEN, MINUTE_MS, ORGANIZATION, SECRET, VARIABLES } from "#test/simulation/setting";
import { Sweeps } from "#test/simulation/sweeps";
import { carried, whileAlive } from "#test/simulation/simulated-line";
import { SimulatedUpstream } from "#test/simulation/simulated-upstream";
import type { SimulatedConnection, SimulatedWorld, Taken } from "#test/simulation/simulated-world";
import type { Standing } from "#test/simulation/stage";
import { calm, type Weather } from "#test/simulation/weather";
import { gateTo, misplaced, stubOf } from "#test/simulation/way-to-object";
import { CoreAuditor } from "./core-auditor.ts";
import { CoreObject } from "./core-object.ts";
import type { CoreStage } from "./core-stage.ts";
import { memoryStores, type CoreOutlets } from "./memory-stores.ts";

/** When the watchdog takes an alarm for lost. */
const OVERDUE_MS = 2 * MINUTE_MS;
const ID = connectionId(0);

/**
 * The core of Sluice out of time: a connection as its object runs it, with its job machine, slices, outboxes, schedule
 * and inbound address, over plain memory. Without SQLite, and with others only as far as the core needs them, a history
 * takes a few milliseconds.
 */
export class CoreWorld implements SimulatedWorld {
  readonly clock: SimulatedClock;
  readonly weather: Weather = calm();
  readonly connections: readonly [SimulatedConnection];
  readonly deliveries = null;
  readonly taken: Taken[];
  readonly faults: string[] = [];
  readonly passage: Passage;
  readonly #stage: CoreStage;
  readonly #chance: () => number;
  readonly #ids: CountingIds;
  readonly #upstream: SimulatedUpstream;
  readonly #object: ObjectHost<CoreObject>;
  readonly #gate: SourceConnectionRpc;
  readonly #sweeps: Sweeps;
  #isOver = false;

  constructor(clock: SimulatedClock, stage: CoreStage, seed: number) {
    const { now, ids, taken } = stage.standing;
    clock.startOver(now);
    this.clock = clock;
    this.#stage = stage;
    this.#ids = new CountingIds(ids);
    this.taken = [...taken];
    this.#chance = seededRandom(seed, 0);
    const { disk, projection, received } = stage;
    this.#upstream = new SimulatedUpstream(stage.manner, clock, this.#chance, this.weather, this.faults, (request) => {
      return misplaced(request, disk.streams.get(request.stream) ?? null, clock.now);
    });
    this.#object = new ObjectHost(
      disk,
      clock,
      (life, onAlarmSet) =>
        new CoreObject(disk, life, onAlarmSet, this.#outlets(life), readConfig(VARIABLES), this.#surroundings()),
      (fault) => this.faults.push(fault),
    );
    const stub = stubOf(
      this.#object,
      (call) => whileAlive(() => this.#isOver, call),
      (value) => value,
    );
    this.#gate = gateTo(ID, stub, () => this.#ids.next(clock.now));
    // Whom cron calls, and how many, is decided outside the core.
    const nobody = { dueToD1: () => [], isDue: () => false, limit: 0 };
    this.#sweeps = new Sweeps({
      isPlayed: true,
      refusals: () => stage.disk.commits.refused,
      clock,
      weather: this.weather,
      ...nobody,
      faults: this.faults,
    });
    const auditor = new CoreAuditor(clock, this.#sweeps, { id: ID, disk, object: this.#object, projection, received });
    const look = () => auditor.look();
    this.connections = [{ upstream: this.#upstream, object: this.#object, gate: this.#gate, look }];
    this.passage = new Passage({
      clock,
      chance: this.#chance,
      alarms: [this.#object],
      minute: () => this.minute(),
      faults: this.faults,
    });
  }

  /** A connection that has begun its first sync. */
  async begin(): Promise<void> {
    const now = this.clock.now;
    const { SLUICE_ENCRYPTION_KEYS: keys } = readConfig(VARIABLES);
    const credentials = await sealCredentials(keys, ID, { password: SECRET });
    const life = new Life();
    const stores = memoryStores(this.#stage.disk, life, this.#outlets(life));
    stores.sql.transaction(() => {
      stores.connection.write(newConnection(ID, this.#stage.manner, now, credentials));
      settlePlan(stores, { now, jitterMs: 0 });
      announceConnection(stores);
    });
    await this.#gate.createHook(ORGANIZATION, {
      tokenHash: await hashApiKey(HOOK_TOKEN),
      settings: HOOK,
      secrets: [],
    });
    await this.#gate.run(ORGANIZATION, {
      trigger: "create",
      forceFullSync: false,
      onConflict: "attach",
      idempotencyKey: null,
      confirmDeletes: false,
    });
  }

  get standing(): Standing {
    return { now: this.clock.now, ids: this.#ids.standing, taken: [...this.taken] };
  }

  minute(): void {
    this.#sweeps.begin(() => this.#sweep());
  }

  /** Nothing of this is written anywhere. */
  leaks(): readonly string[] {
    return JSON.stringify([...this.#stage.disk.documents.entries.values()]).includes(SECRET) ? ["documents"] : [];
  }

  async close(): Promise<void> {
    this.#isOver = true;
    this.#object.kill();
    await this.clock.runOut();
  }

  /** Calls whoever is overdue, and whoever is due, by D1's account. */
  async #sweep(): Promise<void> {
    const { connections, jobs } = this.#stage.projection;
    const { now } = this.clock;
    const overdue = (at: number | null | undefined) => (at ?? now) < now - OVERDUE_MS;
    const read = () => {
      const connection = connections.get(ID);
      return {
        overdueJobs: [...jobs.entries.values()].filter(({ wakeAt }) => overdue(wakeAt)).map(({ id }) => id),
        wake: overdue(connection?.wakeAt),
        dueAt: connection?.nextRunAt ?? null,
      };
    };
    const { overdueJobs, wake, dueAt } = await this.#toD1(null, read);
    if (overdueJobs.length > 0) await this.#gate.poke("job", overdueJobs);
    if (wake) await this.#gate.poke("wake", []);
    if (dueAt !== null && dueAt <= now) await this.#gate.fire(dueAt);
  }

  #toD1<T>(life: Life | null, apply: () => T): Promise<T> {
    const isDead = () => life?.isOver === true || this.#isOver;
    return whileAlive(isDead, () => carried(this.clock, this.#chance, this.weather.database, apply));
  }

  #outlets(life: Life): CoreOutlets {
    return {
      project: (records) => this.#toD1(life, () => this.#stage.projection.project(records)),
      publish: (_organizationId, events) => {
        const take = () => {
          for (const { id, orderKey, type } of events) {
            if (this.#stage.received.has(id)) continue;
            this.#stage.received.set(id, `${orderKey} ${type}`);
            this.taken.push({ type, jobId: orderKey });
          }
        };
        const isDead = () => life.isOver || this.#isOver;
        return whileAlive(isDead, () => carried(this.clock, this.#chance, this.weather.handover, take));
      },
    };
  }

  #surroundings(): Surroundings {
    return {
      now: () => this.clock.now,
      random: this.#chance,
      newId: (at) => this.#ids.next(at),
      findSource: () => this.#upstream.source(),
    };
  }
}
