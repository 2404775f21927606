import { tryAlarmAgain } from "./alarm-tries.ts";
import type { SimulatedClock } from "./clock.ts";
import { DiskFull } from "./commits.ts";
import { Died, Life } from "./life.ts";
import type { ObjectPlace } from "./object-place.ts";

/** What a caller sees whose object died under its call. The platform says that it is worth another try. */
export class ObjectDied extends Error {
  readonly retryable = true;
}

/** Starts the object's class, as the platform does whenever somebody needs it. `onAlarmSet`: see ObjectStorage. */
export type StartObject<T> = (life: Life, onAlarmSet: (at: number) => void) => T;

/** An object in memory. `died` rejects with what callers see when that is over. */
interface Present<T> {
  readonly object: T;
  readonly life: Life;
  readonly died: Promise<never>;
}

interface WorkingAlarm {
  readonly life: Life;
  readonly startedAt: number;
  readonly failures: number;
}

/** The place of one Durable Object: in memory or not, its storage, and its alarm as the platform lets it go off. */
export class ObjectHost<T extends { alarm(): Promise<void> }> {
  readonly disk: ObjectPlace;
  readonly #clock: SimulatedClock;
  readonly #start: StartObject<T>;
  readonly #onFault: (fault: string) => void;
  #present: Present<T> | null = null;
  /** The alarm that is at work, and how often it has failed. */
  #alarm: WorkingAlarm | null = null;
  #failures = 0;

  constructor(disk: ObjectPlace, clock: SimulatedClock, start: StartObject<T>, onFault: (fault: string) => void) {
    this.disk = disk;
    this.#clock = clock;
    this.#start = start;
    this.#onFault = onFault;
  }

  /** When the alarm goes off; null while it is at work, since there is one at a time. */
  get alarmAt(): number | null {
    return this.#alarm === null ? this.disk.alarmAt : null;
  }

  /** Since when the alarm has been at work; null while it is not. */
  get alarmStartedAt(): number | null {
    return this.#alarm?.startedAt ?? null;
  }

  get isInMemory(): boolean {
    return this.#present !== null;
  }

  /** Calls a method. Rejects with what the platform says where the object dies meanwhile. */
  async call<R>(use: (object: T) => Promise<R>): Promise<R> {
    const { object, died } = this.#inMemory();
    return await Promise.race([died, use(object)]);
  }

  /** Lets the alarm go off, at its time or whenever the platform likes. Not waited for. */
  goOff(): void {
    if (this.#alarm !== null) return;
    const present = this.#forAlarm();
    if (present === null) return;
    const { object, life } = present;
    const alarm = { life, startedAt: this.#clock.now, failures: this.#failures };
    this.disk.takeAlarm();
    this.#alarm = alarm;
    void this.#work(object, alarm);
  }

  /** Dies at once, or after so many more turns in which it uses its storage. What it holds in memory is gone. */
  kill(turns = 0): void {
    if (turns === 0) this.#present?.life.end();
    else this.#present?.life.endAfter(turns);
  }

  async #work(object: T, alarm: WorkingAlarm): Promise<void> {
    const isOver = () => this.#alarm !== alarm;
    try {
      await object.alarm();
      if (isOver()) return;
      this.#alarm = null;
      this.#failures = 0;
    } catch (error) {
      if (isOver() || error instanceof Died) return;
      // A disk that is full is for the platform to come back to.
      if (error instanceof DiskFull) this.disk.isAlarmDoubtful = true;
      else this.#onFault(`The alarm threw: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      this.#alarmFailed(alarm.failures);
    }
  }

  /** Null where it can't come into memory now, as on a disk that is full. */
  #forAlarm(): Present<T> | null {
    try {
      return this.#inMemory();
    } catch (error) {
      if (!(error instanceof DiskFull)) throw error;
      this.disk.takeAlarm();
      this.disk.isAlarmDoubtful = true;
      this.#alarmFailed(this.#failures);
      return null;
    }
  }

  #inMemory(): Present<T> {
    this.#present ??= this.#born();
    return this.#present;
  }

  #born(): Present<T> {
    const life = new Life();
    const { promise: died, reject } = Promise.withResolvers<never>();
    // Nobody may be there to hear of it.
    died.catch(() => undefined);
    life.onEnd(() => {
      reject(new ObjectDied("The object was reset."));
      this.#present = null;
      this.disk.isAlarmDoubtful ||= life.isCutShort;
      if (this.#alarm?.life === life) this.#alarmFailed(this.#alarm.failures);
    });
    const object = this.#start(life, (at) => {
      if (at <= this.#clock.now) this.#onFault(`An alarm was armed ${this.#clock.now - at} ms in the past.`);
    });
    return { object, life, died };
  }

  #alarmFailed(failures: number): void {
    this.#alarm = null;
    this.#failures = tryAlarmAgain(this.disk, this.#clock.now, failures);
  }
}
