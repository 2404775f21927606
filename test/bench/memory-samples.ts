import { mean } from "./finding.ts";
import type { Stage } from "./stage.ts";

const INTERVAL_MS = 200;

/** What the runtime holds in RAM while something goes on. */
export class MemorySamples {
  readonly #look: () => number;
  readonly #timer: NodeJS.Timeout;
  readonly #megabytes: number[] = [];

  constructor({ megabytes }: Stage) {
    this.#look = megabytes;
    this.#timer = setInterval(() => this.#take(), INTERVAL_MS);
    this.#take();
  }

  /** It is over; nothing is sampled any more. */
  end(): this {
    clearInterval(this.#timer);
    this.#take();
    return this;
  }

  /** When it began. */
  get before(): number {
    return this.#megabytes[0] ?? 0;
  }

  get peak(): number {
    return Math.max(...this.#megabytes);
  }

  /** How much more it was at the end than when everything had been loaded: means over the last and second quarters. */
  get growth(): { readonly second: number; readonly last: number; readonly ratio: number } {
    const quarter = Math.ceil(this.#megabytes.length / 4);
    const second = mean(this.#megabytes.slice(quarter, quarter * 2));
    const last = mean(this.#megabytes.slice(-quarter));
    return { second, last, ratio: last / second };
  }

  #take(): void {
    this.#megabytes.push(this.#look());
  }
}
