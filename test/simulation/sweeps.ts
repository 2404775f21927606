import type { SimulatedClock } from "./platform/clock.ts";
import type { Weather } from "./weather.ts";

export interface Sweeping {
  readonly clock: SimulatedClock;
  readonly weather: Weather;
  /** Who is due by D1's account. */
  readonly dueToD1: () => readonly string[];
  /** Is the connection with this id due by its own account? */
  readonly isDue: (id: string) => boolean;
  /** How many cron may call in a minute. */
  readonly limit: number;
  /** Is cron only played, so that what fails in it is no fault of Sluice? */
  readonly isPlayed: boolean;
  /** How many transactions of connections were refused so far. */
  readonly refusals: () => number;
  /** What no history may bring about. */
  readonly faults: string[];
}

/** How cron's rounds go, which nobody waits for. One that finds everything well calls as many as it may. */
export class Sweeps {
  readonly #sweeping: Sweeping;
  #sweptAt: number | null = null;

  constructor(sweeping: Sweeping) {
    this.#sweeping = sweeping;
  }

  /** When one last began that ended with D1 well all along; null before. */
  get sweptAt(): number | null {
    return this.#sweptAt;
  }

  begin(sweep: () => Promise<void>): void {
    const due = this.#sweeping.dueToD1();
    void this.#end(sweep(), due, this.#sweeping.clock.now, this.#isFine);
  }

  get #isFine(): boolean {
    return this.#sweeping.weather.database === "fine";
  }

  async #end(sweep: Promise<void>, due: readonly string[], beganAt: number, wasFine: boolean): Promise<void> {
    const { clock, limit, isDue, faults, refusals, isPlayed } = this.#sweeping;
    const refusedBefore = refusals();
    try {
      await sweep;
    } catch (error) {
      // A fault in one part of it keeps no other from its work.
      if (!isPlayed)
        faults.push(`Cron failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      return;
    }
    if (!wasFine || !this.#isFine) return;
    this.#sweptAt = beganAt;
    // Whoever could not do what it was called for is called again later.
    if (refusals() > refusedBefore) return;
    // Whoever died under its call is called again later.
    if (clock.now > beganAt) return;
    const left = due.filter(isDue);
    if (left.length > Math.max(0, due.length - limit)) {
      faults.push(`Cron came by with ${due.length} due, of which it may call ${limit}; ${left.length} still are.`);
    }
  }
}
