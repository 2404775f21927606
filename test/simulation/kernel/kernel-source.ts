import { oneOf } from "#sources/internal/seeded-random";
import { SourceFailure, type Page, type ReadRequest, type Stream } from "#sources/source";
import { aStreamOf } from "#test/support/scripted-source";
import { STREAMS, type SimulatedUpstream } from "#test/simulation/simulated-upstream";
import type { SourceWeather, Weather } from "#test/simulation/weather";

/** What the source says to a request: what, and how much later. */
export interface Answer {
  readonly afterMs: number;
  /** Throws where it is a failure; null where the source just stops. */
  readonly answer: () => Page | null;
}

/** What a source is opened with. */
export interface Settings {
  readonly key: string;
  readonly edition: number;
}

/** A page takes up to so long, if it takes any time at all. */
const PAGE_MS = 700;
const TIMEOUT_MS = 5_000;
const LONGEST_WAIT_MS = 120_000;

/** A simulated upstream as a slice reads it that has opened it. Says at once what will come when. */
export class KernelSource {
  readonly #upstream: SimulatedUpstream;
  readonly #key: string;
  readonly #edition: number;
  readonly #weather: Weather;
  readonly #chance: () => number;
  readonly #now: () => number;

  constructor(
    upstream: SimulatedUpstream,
    settings: Settings,
    weather: Weather,
    chance: () => number,
    now: () => number,
  ) {
    this.#upstream = upstream;
    this.#key = settings.key;
    this.#edition = settings.edition;
    this.#weather = weather;
    this.#chance = chance;
    this.#now = now;
  }

  streams(): readonly Stream[] {
    const incremental = this.#upstream.manner !== "listing";
    return STREAMS.map((name) => aStreamOf(name, { incremental }));
  }

  list(): Answer {
    return this.#answer(this.#weather.source, null);
  }

  read(request: ReadRequest): Answer {
    this.#upstream.lookAtRead(request);
    return this.#answer(this.#weather.source, request);
  }

  #answer(weather: SourceWeather, request: ReadRequest | null): Answer {
    const afterMs = weather === "prompt" || this.#chance() < 0.5 ? 0 : Math.floor(this.#chance() * PAGE_MS);
    const failing = (failure: unknown): Answer => ({
      afterMs,
      answer: () => {
        throw failure;
      },
    });
    switch (weather) {
      case "slow":
        return { ...this.#page(request), afterMs: Math.floor(this.#chance() * TIMEOUT_MS) };
      case "failing":
        return failing(new SourceFailure({ kind: "transient", message: "Not now." }));
      case "rate_limited": {
        const retryAt = this.#now() + afterMs + 1 + Math.floor(this.#chance() * LONGEST_WAIT_MS);
        this.#upstream.askedFor.add(retryAt);
        return failing(new SourceFailure({ kind: "rate_limit", message: "Too many requests.", retryAt }));
      }
      case "refusing":
        return {
          afterMs,
          answer: () => {
            this.#upstream.refusedAt = this.#now();
            throw refused();
          },
        };
      case "hanging": {
        const failure = new SourceFailure({ kind: "transient", message: "The source did not answer." });
        return { ...failing(failure), afterMs: TIMEOUT_MS };
      }
      case "broken":
        return failing(new TypeError("A bug."));
      case "half_broken":
        return request?.stream === "right" ? failing(new TypeError("A bug.")) : { ...this.#page(request), afterMs };
      case "cut_off":
        return request === null ? { ...this.#page(null), afterMs } : { afterMs, answer: () => null };
      case "patchy":
        return this.#answer(
          oneOf(this.#chance, ["fine", "fine", "fine", "failing", "rate_limited", "cut_off"]),
          request,
        );
      case "fine":
      case "garbled":
      case "prompt":
        return { ...this.#page(request), afterMs };
    }
  }

  /** What it has at this moment, whatever changes until that arrives. */
  #page(request: ReadRequest | null): Pick<Answer, "answer"> {
    try {
      if (!this.#upstream.keys.takes(this.#key)) throw refused();
      const page = request === null ? null : this.#upstream.page(request, this.#edition, this.#key);
      return { answer: () => page };
    } catch (error) {
      return {
        answer: () => {
          throw error;
        },
      };
    }
  }
}

function refused(): SourceFailure {
  return new SourceFailure({ kind: "authentication", message: "The key is not valid any more." });
}
