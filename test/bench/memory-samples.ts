import { mean } from "./finding.ts";
import type { RuntimeMemory } from "./runtime-memory.ts";
import type { Stage } from "./stage.ts";

const INTERVAL_MS = 200;

/** The runtime with all that was loaded into it, and pages at work. Local objects share one process without a limit. */
const BASE_MEGABYTES = 1_200;
/** An object that is in memory, with its database open. */
const MEGABYTES_AN_OBJECT = 0.5;

/** What the runtime holds in RAM while something goes on. */
export class MemorySamples {
  readonly #memory: RuntimeMemory;
  readonly #timer: NodeJS.Timeout;
  readonly #megabytes: number[] = [];
  readonly #isPeakAnew: boolean;
  #peakAtEnd: number | null = null;

  constructor({ memory }: Stage) {
    this.#memory = memory;
    this.#isPeakAnew = memory.countAnew();
    this.#timer = setInterval(() => this.#take(), INTERVAL_MS);
    this.#take();
  }

  /** It is over; nothing is sampled any more. */
  end(): this {
    clearInterval(this.#timer);
    this.#take();
    this.#peakAtEnd ??= this.#peakByNow;
    return this;
  }

  /** The most that it has held, also between two samples where the system tells. */
  get peak(): number {
    return this.#peakAtEnd ?? this.#peakByNow;
  }

  get #peakByNow(): number {
    return Math.max(...this.#megabytes, (this.#isPeakAnew ? this.#memory.peak : null) ?? 0);
  }

  /** How much more it was at the end than when everything had been loaded: means over the last and second quarters. */
  get growth(): { readonly second: number; readonly last: number; readonly ratio: number } {
    const quarter = Math.ceil(this.#megabytes.length / 4);
    const second = mean(this.#megabytes.slice(quarter, quarter * 2));
    const last = mean(this.#megabytes.slice(-quarter));
    return { second, last, ratio: last / second };
  }

  #take(): void {
    this.#megabytes.push(this.#memory.megabytes);
  }
}

/** Says what the runtime held at most. Throws where that is more than so many objects at once may take. */
export function bounded({ peak }: MemorySamples, objects: number): string {
  const most = BASE_MEGABYTES + objects * MEGABYTES_AN_OBJECT;
  if (!(peak > 0)) throw new Error("Nobody knows what the runtime held.");
  if (peak > most) throw new Error(`The runtime held ${peak.toFixed(0)} MB, where ${most.toFixed(0)} are enough.`);
  return `memory at most ${peak.toFixed(0)} MB`;
}
