import type { SourceConnectionRpc } from "#connection/rpc";
import { SourceConnection } from "#connection/object";
import { seededRandom } from "#sources/internal/seeded-random";
import { CountingIds } from "#test/simulation/counting-ids";
import { type Alarmed, Passage } from "#test/simulation/passage";
import { settled, SimulatedClock } from "#test/simulation/platform/clock";
import { SimulatedDatabase } from "#test/simulation/platform/database";
import type { Life } from "#test/simulation/platform/life";
import { MemorySqlite } from "#test/simulation/platform/memory-sqlite";
import { ObjectHost } from "#test/simulation/platform/object-host";
import { Disk, ObjectStorage } from "#test/simulation/platform/object-storage";
import { connectionId, MINUTE_MS, ORGANIZATION, TABLES, VARIABLES } from "#test/simulation/setting";
import { gateTo, stubOf } from "#test/simulation/way-to-object";
import { everyMinute } from "#triggers/every-minute";
import type { RationedUpstream } from "./rationed-upstream.ts";

const ID = connectionId(0);
/** As anybody has who sets nothing. */
const { SLUICE_API_KEY, SLUICE_ENCRYPTION_KEYS } = VARIABLES;

/** One connection of the whole of Sluice, its object, its alarm, D1 and cron unmodified, in time that is simulated. */
export class WeekWorld {
  readonly clock: SimulatedClock;
  readonly faults: string[] = [];
  readonly gate: SourceConnectionRpc;
  /** Alarms that went off while nothing could be had, by the number of the ration that was used up. */
  readonly idleAlarms = new Map<number, number>();
  readonly #database = new MemorySqlite();
  readonly #disk = new Disk();
  readonly #object: ObjectHost<SourceConnection>;
  readonly #passage: Passage;
  readonly #upstream: RationedUpstream;

  constructor(clock: SimulatedClock, upstream: RationedUpstream) {
    this.clock = clock;
    this.#upstream = upstream;
    for (const statements of TABLES) this.#database.all(statements);
    const ids = new CountingIds({ count: 0, lastAt: 0 });
    const random = seededRandom(0, 0);
    const around = {
      now: () => clock.now,
      random,
      newId: (at: number) => ids.next(at),
      findSource: () => this.#upstream.source(),
    };
    const start = (life: Life, onAlarmSet: (at: number) => void): SourceConnection =>
      Reflect.construct(SourceConnection, [
        { storage: new ObjectStorage(this.#disk, life, onAlarmSet) },
        this.#environment,
        around,
      ]);
    this.#object = new ObjectHost(this.#disk, clock, start, (fault) => this.faults.push(fault));
    const stub = stubOf(
      this.#object,
      (call) => call(),
      (value) => structuredClone(value),
    );
    this.gate = gateTo(ID, stub, () => ids.next(clock.now));
    this.#passage = new Passage({
      clock,
      chance: random,
      alarms: [this.#watchedAlarm()],
      minute: () => this.#cronComesBy(),
      faults: this.faults,
    });
  }

  /** A connection that has begun its first sync, and begins another at this time of each day. */
  async begin(cron: string, deadlineSeconds: number | null): Promise<void> {
    await this.gate.create({
      id: ID,
      organizationId: ORGANIZATION,
      name: "Rationed",
      description: null,
      shortName: "rationed",
      manifest: null,
      collectionId: "default",
      config: {},
      credentials: {},
      schedule: { cron, timezone: "UTC", full_sync_cron: null, continuous: true, cursor_field: null },
      settings: deadlineSeconds === null ? {} : { job_deadline_seconds: deadlineSeconds },
      syncImmediately: true,
    });
    await settled();
  }

  /** A minute passes. An object that only waits is put out of memory, as the platform does with it. */
  async passMinute(): Promise<void> {
    await this.#passage.pass(MINUTE_MS);
    const { alarmAt, alarmStartedAt } = this.#object;
    if (alarmStartedAt === null && alarmAt !== null && alarmAt > this.clock.now + MINUTE_MS) this.#object.kill();
  }

  #watchedAlarm(): Alarmed {
    const object = this.#object;
    return {
      get alarmAt() {
        return object.alarmAt;
      },
      goOff: () => {
        const ration = this.#upstream.usedUp;
        if (ration !== null) this.idleAlarms.set(ration, (this.idleAlarms.get(ration) ?? 0) + 1);
        object.goOff();
      },
    };
  }

  #cronComesBy(): void {
    const reach = { gate: () => this.gate, events: () => NO_DELIVERIES };
    void Reflect.apply(everyMinute, null, [this.#environment, reach, () => this.clock.now]);
  }

  get #environment(): object {
    return {
      SLUICE_API_KEY,
      SLUICE_ENCRYPTION_KEYS,
      DB: new SimulatedDatabase(this.#database, async (apply) => apply()),
      EVENT_DELIVERY: { getByName: () => NO_DELIVERIES },
    };
  }
}

/** Nobody has subscribed. */
const NO_DELIVERIES = { publish: async () => undefined };
