import { settled, type SimulatedClock } from "./platform/clock.ts";
import { DAY_MS, MINUTE_MS } from "./setting.ts";

/** Things that happen in one go that mean that something goes in circles. */
const CIRCLE_LIMIT = 3_000;

/** Something with an alarm that goes off by itself. */
export interface Alarmed {
  /** Epoch milliseconds; null for none. */
  readonly alarmAt: number | null;
  goOff(): void;
}

export interface Passing {
  readonly clock: SimulatedClock;
  /** Between 0 and 1: which comes first of what is due at one time. */
  readonly chance: () => number;
  readonly alarms: readonly Alarmed[];
  /** Cron comes by. */
  readonly minute: () => void;
  /** What no history may bring about. */
  readonly faults: string[];
}

/** How time passes in a world: from one thing that happens to the next. */
export class Passage {
  readonly #passing: Passing;
  /** Called after everything that happens. */
  onStep: () => void = () => undefined;

  constructor(passing: Passing) {
    this.#passing = passing;
  }

  /** Lets time pass, and everything happen that is due meanwhile. Cron comes by six times at most. */
  async pass(milliseconds: number): Promise<void> {
    const { clock, minute, faults } = this.#passing;
    const until = clock.now + milliseconds;
    const cronEvery = Math.max(1, Math.ceil(milliseconds / MINUTE_MS / 6)) * MINUTE_MS;
    let cronAt = (Math.floor(clock.now / cronEvery) + 1) * cronEvery;
    for (let steps = 0; ; steps += 1) {
      if (steps > CIRCLE_LIMIT) {
        faults.push(`It goes in circles: ${CIRCLE_LIMIT} things happened within ${milliseconds} ms.`);
        return;
      }
      const next = this.nextAt();
      if (Math.min(next ?? Number.POSITIVE_INFINITY, cronAt) > until) break;
      if (next !== null && next <= cronAt) await this.next();
      else {
        clock.now = Math.max(clock.now, cronAt);
        cronAt += cronEvery;
        minute();
        await this.#stepped();
      }
      if (faults.length > 0) return;
    }
    clock.now = until;
    await this.#stepped();
  }

  /** When something happens next by itself; null if nothing does. */
  nextAt(): number | null {
    let next = this.#passing.clock.nextAt();
    for (const { alarmAt } of this.#passing.alarms) {
      if (alarmAt !== null && (next === null || alarmAt < next)) next = alarmAt;
    }
    return next;
  }

  /** Lets the next thing happen, and what follows from it at once. */
  async next(): Promise<void> {
    const { clock, chance, alarms } = this.#passing;
    const at = this.nextAt();
    // What is to come in two weeks, messages to be forgotten, is no part of a history.
    if (at === null || at > clock.now + DAY_MS) return;
    const dueNow = [
      ...(clock.nextAt() === at ? [() => clock.ringNext()] : []),
      ...alarms.flatMap((object) => (object.alarmAt === at ? [() => object.goOff()] : [])),
    ];
    clock.now = Math.max(clock.now, at);
    dueNow[Math.floor(chance() * dueNow.length)]?.();
    await this.#stepped();
  }

  /** What follows at once from something that has just been done. */
  async #stepped(): Promise<void> {
    await settled();
    this.onStep();
  }
}
