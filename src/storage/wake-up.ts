/** An alarm this long overdue is treated as lost. The platform may be late by a minute (Cloudflare's alarm docs). */
const LOST_AFTER_MS = 60_000;

/** What is taken of an object's storage to set its alarm. */
export type AlarmHolder = Pick<DurableObjectStorage, "setAlarm" | "deleteAlarm">;

/** Arms the object's one alarm for the earliest thing that is due, and writes only when that changes. */
export class WakeUp {
  readonly #storage: AlarmHolder;
  readonly #now: () => number;
  /** What this object has armed since it came into memory; undefined before it has. */
  #armedAt: number | null | undefined = undefined;

  constructor(storage: AlarmHolder, now: () => number) {
    this.#storage = storage;
    this.#now = now;
  }

  /** The alarm went off: none is armed now. */
  fired(): void {
    this.#armedAt = null;
  }

  /**
   * @param dueTimes epoch milliseconds, null for what is not due at all
   *
   * Always strictly later than now: an alarm set to the present inside the alarm handler can get lost.
   */
  armFor(dueTimes: readonly (number | null)[]): void {
    const due = dueTimes.filter((at) => at !== null);
    const now = this.#now();
    if (due.length === 0) {
      if (typeof this.#armedAt === "number") void this.#storage.deleteAlarm();
      this.#armedAt = null;
      return;
    }
    const at = Math.max(Math.min(...due), now + 1);
    const isArmed = typeof this.#armedAt === "number" && this.#armedAt > now - LOST_AFTER_MS;
    // An alarm that is already on its way, or that goes off sooner, does as well.
    if (isArmed && typeof this.#armedAt === "number" && this.#armedAt <= at) return;
    void this.#storage.setAlarm(at);
    this.#armedAt = at;
  }
}
