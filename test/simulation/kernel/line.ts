import { oneOf } from "#sources/internal/seeded-random";
import type { SimulatedClock } from "#test/simulation/platform/clock";
import type { LineWeather } from "#test/simulation/weather";

/** How long who sends waits for an answer. */
const TIMEOUT_MS = 10_000;
const SLOW_MS = 25_000;
const LATE_MS = 180_000;

const LOST = new Error("Network connection lost.");

/** Where batches come from: one at a time, and how it went is said before the next. */
export interface Sender<Batch> {
  take(): Batch | null;
  delivered(batch: Batch): void;
  postpone(error: unknown): void;
  /** It was answered, or will not be, some time after it was sent. */
  heard(): void;
}

interface OnItsWay<Batch> {
  readonly batch: Batch;
  readonly at: number;
}

/** Carries batches to where they are applied, as the weather has it: late, twice, in any order, with or without an answer. */
export class Line<Batch> {
  readonly #clock: SimulatedClock;
  readonly #chance: () => number;
  readonly #weather: () => LineWeather;
  readonly #apply: (batch: Batch) => void;
  #sent: {
    readonly batch: Batch;
    readonly by: Sender<Batch>;
    readonly answeredAt: number | null;
    readonly until: number;
  } | null = null;
  /** Nobody waits for an answer to these. */
  #late: readonly OnItsWay<Batch>[] = [];

  constructor(clock: SimulatedClock, chance: () => number, weather: () => LineWeather, apply: (batch: Batch) => void) {
    this.#clock = clock;
    this.#chance = chance;
    this.#weather = weather;
    this.#apply = apply;
  }

  /** Is an answer waited for? */
  get isUnderWay(): boolean {
    return this.#sent !== null;
  }

  get late(): number {
    return this.#late.length;
  }

  /** Sends until there is nothing left, or an answer has to be waited for. */
  send(by: Sender<Batch>): void {
    while (this.#sent === null) {
      const batch = by.take();
      if (batch === null || !this.#carry(batch, by)) return;
    }
  }

  /** When something comes that was sent, or is given up; null for never. */
  get nextAt(): number | null {
    let next = this.#sent === null ? null : (this.#sent.answeredAt ?? this.#sent.until);
    for (const { at } of this.#late) if (next === null || at < next) next = at;
    return next;
  }

  /** What is due comes. */
  goOn(): void {
    const { now } = this.#clock;
    const due = this.#late.findIndex(({ at }) => at <= now);
    if (due !== -1) {
      this.arriveLate(due, false);
      return;
    }
    const sent = this.#sent;
    if (sent === null) return;
    if (sent.answeredAt !== null && sent.answeredAt <= now) this.answer();
    else if (sent.until <= now) this.giveUp();
  }

  /** What is waited for comes, and is answered. */
  answer(): void {
    const sent = this.#sent;
    if (sent === null) return;
    this.#sent = null;
    this.#apply(sent.batch);
    sent.by.delivered(sent.batch);
    this.send(sent.by);
    sent.by.heard();
  }

  /** What is waited for is not waited for any longer. It may come all the same. */
  giveUp(): void {
    const sent = this.#sent;
    if (sent === null) return;
    this.#sent = null;
    this.#comeLate(sent.batch);
    sent.by.postpone(LOST);
    sent.by.heard();
  }

  /** Something comes that nobody waits for any more. `isAgain`: and will come once more. */
  arriveLate(place: number, isAgain: boolean): void {
    const found = this.#late[place];
    if (found === undefined) return;
    if (!isAgain) this.#late = this.#late.filter((each) => each !== found);
    this.#apply(found.batch);
  }

  /** Whoever has sent something is dead. What is on its way comes all the same. */
  forgetSender(): void {
    if (this.#sent !== null) this.#comeLate(this.#sent.batch);
    this.#sent = null;
  }

  /** @returns whether it was answered */
  #carry(batch: Batch, by: Sender<Batch>): boolean {
    let weather = this.#weather();
    if (weather === "patchy") {
      weather = oneOf(this.#chance, ["fine", "fine", "down", "answer_lost", "slow", "late"] as const);
    }
    const until = this.#clock.now + TIMEOUT_MS;
    switch (weather) {
      case "fine":
        this.#apply(batch);
        by.delivered(batch);
        return true;
      case "down":
        by.postpone(LOST);
        return false;
      case "answer_lost":
        this.#apply(batch);
        by.postpone(LOST);
        return false;
      case "slow": {
        const answeredAt = this.#clock.now + Math.floor(this.#chance() * SLOW_MS);
        this.#sent = { batch, by, answeredAt: answeredAt < until ? answeredAt : null, until };
        return false;
      }
      case "late":
      case "cut":
        this.#sent = { batch, by, answeredAt: null, until };
        return false;
    }
  }

  #comeLate(batch: Batch): void {
    if (this.#weather() === "cut") return;
    this.#late = [...this.#late, { batch, at: this.#clock.now + Math.floor(this.#chance() * LATE_MS) }];
  }
}
