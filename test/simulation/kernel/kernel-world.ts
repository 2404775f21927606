import { readConfig, type Config } from "#config";
import { announceConnection } from "#connection/announce";
import type { StoredHook } from "#connection/hook-store";
import { recordOf, type OutboxRow } from "#connection/outbox-rows";
import { settlePlan } from "#connection/schedule-plan";
import type { SluiceEvent } from "#core/event";
import { seededRandom } from "#sources/internal/seeded-random";
import { CoreAuditor } from "#test/simulation/core/core-auditor";
import type { CoreStage } from "#test/simulation/core/core-stage";
import { memoryStores, type CoreOutlets } from "#test/simulation/core/memory-stores";
import { CountingIds } from "#test/simulation/counting-ids";
import { newConnection } from "#test/simulation/new-connection";
import { tryAlarmAgain } from "#test/simulation/platform/alarm-tries";
import type { SimulatedClock } from "#test/simulation/platform/clock";
import { DiskFull } from "#test/simulation/platform/commits";
import { Life } from "#test/simulation/platform/life";
import {
  BEGINNING,
  connectionId,
  DAY_MS,
  HOOK,
  MINUTE_MS,
  ORGANIZATION,
  SECRET,
  VARIABLES,
} from "#test/simulation/setting";
import { SimulatedUpstream } from "#test/simulation/simulated-upstream";
import type { Standing } from "#test/simulation/stage";
import type { View } from "#test/simulation/view";
import { misplaced } from "#test/simulation/way-to-object";
import { calm, type Weather } from "#test/simulation/weather";
import { KernelObject } from "./kernel-object.ts";
import { KernelSource } from "./kernel-source.ts";
import { Line, type Sender } from "./line.ts";
import { sealedKey } from "./sealed-key.ts";

const ID = connectionId(0);
/** When the watchdog takes an alarm for lost. */
const OVERDUE_MS = 2 * MINUTE_MS;
/** Things that happen in one go that mean that something goes in circles. */
const CIRCLE_LIMIT = 3_000;

/** The inbound address. */
export const ADDRESS: StoredHook = {
  tokenHash: "none",
  previousToken: null,
  settings: HOOK,
  secrets: sealedKey("none"),
  secretCount: 0,
  createdAt: BEGINNING,
  modifiedAt: BEGINNING,
  rotatedAt: BEGINNING,
};

const CONFIG: Config = readConfig(VARIABLES);
const DONE = Promise.resolve();
/** What the outboxes have is taken out of them, not sent by them. */
const NOWHERE: CoreOutlets = { project: () => DONE, publish: () => DONE };
const NOBODY = () => undefined;

/**
 * The kernel of Sluice out of time: what is decided in transactions, by the product's own code over plain memory, and
 * everything between two transactions: when which page comes, what is told in which order, when the object dies.
 */
export class KernelWorld {
  readonly clock: SimulatedClock;
  readonly weather: Weather = calm();
  readonly upstream: SimulatedUpstream;
  /** What no history may bring about. */
  readonly faults: string[] = [];
  readonly toD1: Line<readonly OutboxRow[]>;
  readonly toReceiver: Line<readonly SluiceEvent[]>;
  /** Called after everything that happens. */
  onStep: () => void = NOBODY;
  readonly #stage: CoreStage;
  readonly #chance: () => number;
  readonly #ids: CountingIds;
  readonly #auditor: CoreAuditor;
  readonly #source;
  #object: KernelObject | null = null;
  #life: Life | null = null;
  /** Before it dies; null where it is to live. */
  #turnsLeft: number | null = null;
  #alarmStartedAt: number | null = null;
  #failures = 0;
  #sweptAt: number | null = null;
  #lastFiredDueAt: number | null = null;
  /** How many calls nobody answered. */
  #unanswered = 0;

  constructor(clock: SimulatedClock, stage: CoreStage, seed: number) {
    const { now, ids } = stage.standing;
    clock.startOver(now);
    this.clock = clock;
    this.#stage = stage;
    this.#ids = new CountingIds(ids);
    this.#chance = seededRandom(seed, 0);
    const { disk, projection, received } = stage;
    this.upstream = new SimulatedUpstream(stage.manner, clock, this.#chance, this.weather, this.faults, (request) =>
      misplaced(request, disk.streams.get(request.stream) ?? null, clock.now),
    );
    this.#source = this.upstream.source();
    this.toD1 = new Line(
      clock,
      this.#chance,
      () => this.weather.database,
      (rows) => projection.project(rows.map(recordOf)),
    );
    this.toReceiver = new Line(
      clock,
      this.#chance,
      () => this.weather.handover,
      (events) => {
        for (const { id, orderKey, type } of events) {
          if (!received.has(id)) received.set(id, `${orderKey} ${type}`);
        }
      },
    );
    this.#auditor = new CoreAuditor(clock, this, { id: ID, disk, object: this, projection, received });
  }

  /** A connection that has begun its first sync. */
  begin(): void {
    const { now } = this.clock;
    const life = new Life();
    const stores = memoryStores(this.#stage.disk, life, NOWHERE);
    stores.sql.transaction(() => {
      stores.connection.write(newConnection(ID, this.#stage.manner, now, sealedKey(SECRET)));
      settlePlan(stores, { now, jitterMs: 0 });
      stores.hooks.write(ADDRESS);
      announceConnection(stores);
    });
    this.call((object) =>
      object.run({
        trigger: "create",
        forceFullSync: false,
        onConflict: "attach",
        idempotencyKey: null,
        confirmDeletes: false,
      }),
    );
  }

  get standing(): Standing {
    return { now: this.clock.now, ids: this.#ids.standing, taken: [] };
  }

  look(): View {
    return this.#auditor.look();
  }

  /** What the receiver of events has, as `jobId type`. */
  get received(): Iterable<string> {
    return this.#stage.received.values();
  }

  get alarmAt(): number | null {
    return this.#alarmStartedAt === null ? this.#stage.disk.alarmAt : null;
  }

  get alarmStartedAt(): number | null {
    return this.#alarmStartedAt;
  }

  get sweptAt(): number | null {
    return this.#sweptAt;
  }

  get disk() {
    return this.#stage.disk;
  }

  get isInMemory(): boolean {
    return this.#object !== null;
  }

  /** Is a slice at work that waits for an answer of the source? */
  get isAtWork(): boolean {
    return this.#object?.slice?.brokenOff === null;
  }

  /** Answers of the source that are on their way to the slice at work. */
  get arriving(): number {
    return this.#object?.slice?.arriving ?? 0;
  }

  /** Is something on its way to a slice that is broken off? */
  get isArrivingLate(): boolean {
    return (this.#object?.former?.arriving ?? 0) > 0;
  }

  /** Somebody calls. Undefined where nobody answers: its disk was full, or it was emptied. */
  call<T>(use: (object: KernelObject) => T): T | undefined {
    return this.#during(use, false);
  }

  /** The alarm goes off, at its time or whenever the platform likes. One at a time. */
  goOff(): void {
    if (this.#alarmStartedAt !== null) return;
    this.#stage.disk.takeAlarm();
    if (this.#stage.disk.isEmpty) return;
    this.#alarmStartedAt = this.clock.now;
    this.#during((object) => object.alarm(), true);
  }

  /** A page comes, or a failure in its place. */
  arrive(place: number | null, failure: unknown = null): void {
    this.#during((object) => object.arrive(place, failure), true);
  }

  arriveLate(): void {
    this.#during((object) => object.arriveLate(), false);
  }

  /** A slice that is broken off finds out. */
  notice(): void {
    if ((this.#object?.slice?.brokenOff ?? null) !== null) this.#during((object) => object.notice(), true);
  }

  /** Dies at once, or after so many more turns. What it writes in one the platform writes whole or not at all. */
  kill(turns = 0): void {
    if (this.#object === null) return;
    if (turns === 0) this.#died();
    else this.#turnsLeft = turns;
  }

  /** Cron comes by, and calls whoever is overdue, and whoever is due, by D1's account. */
  minute(): void {
    if (this.weather.database !== "fine") return;
    const { connections, jobs } = this.#stage.projection;
    const { now } = this.clock;
    const unansweredBefore = this.#unanswered;
    const connection = connections.get(ID);
    const overdue = (at: number | null | undefined) => (at ?? now) < now - OVERDUE_MS;
    const overdueJobs = [...jobs.entries.values()].filter(({ wakeAt }) => overdue(wakeAt)).map(({ id }) => id);
    const dueAt = connection?.nextRunAt ?? null;
    if (overdueJobs.length > 0) this.call((object) => object.poke("job", overdueJobs));
    if (overdue(connection?.wakeAt)) this.call((object) => object.poke("wake", []));
    if (dueAt !== null && dueAt <= now) this.fire(dueAt);
    // Whoever died under its call is called again later.
    if (this.#unanswered === unansweredBefore) this.#sweptAt = now;
  }

  /** Somebody calls for a due time; for the last one again where none is given. */
  fire(dueAt = this.#lastFiredDueAt): void {
    if (dueAt === null) return;
    this.#lastFiredDueAt = dueAt;
    this.call((object) => object.fire(dueAt));
  }

  /** Lets time pass, and everything happen that is due meanwhile. Cron comes by six times at most. */
  pass(milliseconds: number): void {
    const { clock, faults } = this;
    const until = clock.now + milliseconds;
    const cronEvery = Math.max(1, Math.ceil(milliseconds / MINUTE_MS / 6)) * MINUTE_MS;
    let cronAt = (Math.floor(clock.now / cronEvery) + 1) * cronEvery;
    for (let steps = 0; ; steps += 1) {
      if (steps > CIRCLE_LIMIT) {
        faults.push(`It goes in circles: ${CIRCLE_LIMIT} things happened within ${milliseconds} ms.`);
        return;
      }
      const next = this.#nextAt();
      if (Math.min(next ?? Number.POSITIVE_INFINITY, cronAt) > until) break;
      if (next !== null && next <= cronAt) this.next();
      else {
        clock.now = Math.max(clock.now, cronAt);
        cronAt += cronEvery;
        this.minute();
        this.onStep();
      }
      if (faults.length > 0) return;
    }
    clock.now = until;
    this.onStep();
  }

  /** Lets the next thing happen. */
  next(): void {
    const { clock, toD1, toReceiver } = this;
    const at = this.#nextAt();
    // What is to come in two weeks is no part of a history.
    if (at === null || at > clock.now + DAY_MS) return;
    clock.now = Math.max(clock.now, at);
    const slice = this.#object?.slice ?? null;
    if (slice !== null && slice.brokenOff !== null) this.notice();
    else if (slice !== null && (slice.nextAt ?? at) <= at) this.arrive(null);
    else if ((toD1.nextAt ?? at + 1) <= at) this.during(() => toD1.goOn());
    else if ((toReceiver.nextAt ?? at + 1) <= at) this.during(() => toReceiver.goOn());
    else this.goOff();
    this.onStep();
  }

  /** Something happens to the lines, of which an object in memory hears. */
  during(work: () => void): void {
    if (this.#object === null) work();
    else this.#during(work, false);
  }

  #nextAt(): number | null {
    const slice = this.#object?.slice ?? null;
    if (slice !== null && slice.brokenOff !== null) return this.clock.now;
    let next: number | null = null;
    for (const at of [this.alarmAt, slice?.nextAt ?? null, this.toD1.nextAt, this.toReceiver.nextAt]) {
      if (at !== null && (next === null || at < next)) next = at;
    }
    return next;
  }

  /** @param isAlarm whether it is the alarm that is at work then */
  #during<T>(use: (object: KernelObject) => T, isAlarm: boolean): T | undefined {
    if (this.#stage.disk.isEmpty) return undefined;
    let answer: T | undefined;
    try {
      answer = use(this.#object ?? this.#born());
    } catch (error) {
      if (!(error instanceof DiskFull)) throw error;
      this.#unanswered += 1;
      // It is for the platform to come back to.
      if (isAlarm) {
        this.#stage.disk.isAlarmDoubtful = true;
        this.#alarmFailed();
      }
    }
    if (this.#alarmStartedAt !== null && this.#object?.slice === null) this.#alarmEnded(this.#object);
    if (this.#turnsLeft !== null) this.#turnsLeft -= 1;
    if (this.#turnsLeft === 0) this.#died();
    return answer;
  }

  #alarmEnded(object: KernelObject): void {
    this.#alarmStartedAt = null;
    this.#failures = 0;
    if (!object.isErasable) return;
    this.#stage.disk.clear();
    this.#object = null;
    this.#turnsLeft = null;
  }

  #alarmFailed(): void {
    this.#alarmStartedAt = null;
    this.#failures = tryAlarmAgain(this.#stage.disk, this.clock.now, this.#failures);
  }

  #died(): void {
    this.#life?.end();
    this.#life = null;
    this.#object = null;
    this.#turnsLeft = null;
    this.toD1.forgetSender();
    this.toReceiver.forgetSender();
    if (this.#alarmStartedAt !== null) this.#alarmFailed();
  }

  #born(): KernelObject {
    const { clock, toD1, toReceiver } = this;
    const { disk } = this.#stage;
    const life = new Life();
    const stores = memoryStores(disk, life, NOWHERE);
    const random = this.#chance;
    const now = () => clock.now;
    const set = (at: number | null): Promise<void> => {
      life.useStorage();
      disk.setAlarm(at);
      if (at !== null && at <= clock.now) this.faults.push(`An alarm was armed ${clock.now - at} ms in the past.`);
      return DONE;
    };
    const heard = () => object.arm();
    const rows: Sender<readonly OutboxRow[]> = {
      take: () => stores.outbox.take(),
      delivered: (batch) => stores.outbox.delivered(batch),
      postpone: (error) => stores.outbox.postpone(clock.now, random(), error),
      heard,
    };
    const events: Sender<readonly SluiceEvent[]> = {
      take: () => (stores.events.isPaused(clock.now) ? null : stores.events.take()),
      delivered: (batch) => stores.events.delivered(batch),
      postpone: (error) => stores.events.postpone(ORGANIZATION, { now, random }, error),
      heard,
    };
    const object: KernelObject = new KernelObject(
      stores,
      {
        now,
        random,
        newId: (at) => this.#ids.next(at),
        findSource: () => this.#source,
        worker: CONFIG,
        open: (settings) => new KernelSource(this.upstream, settings, this.weather, random, now),
        toD1: { isUnderWay: () => toD1.isUnderWay, send: () => unheard(() => toD1.send(rows)) },
        toReceiver: { isUnderWay: () => toReceiver.isUnderWay, send: () => unheard(() => toReceiver.send(events)) },
      },
      { setAlarm: (at) => set(Number(at)), deleteAlarm: () => set(null) },
    );
    this.#life = life;
    this.#object = object;
    return object;
  }
}

/** Nobody waits for what is told: that a disk is full is found by the next try. */
function unheard(send: () => void): void {
  try {
    send();
  } catch (error) {
    if (!(error instanceof DiskFull)) throw error;
  }
}
