import type { SimulatedClock } from "./platform/clock.ts";
import type { Weather } from "./weather.ts";

/** How cron's rounds go, which nobody waits for. */
export class Sweeps {
  readonly #clock: SimulatedClock;
  readonly #weather: Weather;
  #sweptAt: number | null = null;

  constructor(clock: SimulatedClock, weather: Weather) {
    this.#clock = clock;
    this.#weather = weather;
  }

  /** When one last began that ended with D1 well all along; null before. */
  get sweptAt(): number | null {
    return this.#sweptAt;
  }

  begin(sweep: Promise<void>): void {
    void this.#end(sweep, this.#clock.now, this.#isFine);
  }

  get #isFine(): boolean {
    return this.#weather.database === "fine";
  }

  async #end(sweep: Promise<void>, beganAt: number, wasFine: boolean): Promise<void> {
    const isDone = await sweep.then(
      () => true,
      () => false,
    );
    if (isDone && wasFine && this.#isFine) this.#sweptAt = beganAt;
  }
}
