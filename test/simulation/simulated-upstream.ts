import { z } from "zod";

import type { Json } from "#core/json";
import { oneOf } from "#sources/internal/seeded-random";
import { CursorLost, SourceFailure, type OpenSource, type Page, type ReadRequest, type Source } from "#sources/source";
import { MovingUpstream, type Held, type Manner } from "#test/support/moving-upstream";
import { aStreamOf, scriptedSource } from "#test/support/scripted-source";
import { GivenPages, placeIn } from "./given-pages.ts";
import type { SimulatedClock } from "./platform/clock.ts";
import { SimulatedKeys } from "./simulated-keys.ts";
import { configSchema } from "./stored.ts";
import type { SourceWeather, Weather } from "./weather.ts";

export const STREAMS = ["left", "right"] as const;
export type StreamName = (typeof STREAMS)[number];

const PAGE_SIZE = 2;
/** Pages that hold more than is asked for, or the same twice. */
const DISORDER_SHARE = 0.3;
/** A page takes up to so long, if it takes any time at all. */
const PAGE_MS = 700;
const TIMEOUT_MS = 5_000;
const LONGEST_WAIT_MS = 120_000;
/** What every history begins with: a number of which half can be lost. */
const FIRST_IDS = ["a", "b", "c", "d", "e", "f"];

/** Calls at one moment that mean that somebody goes in circles. */
const CIRCLE_LIMIT = 300;

/** Never settles. */
const SILENCE = new Promise<never>(() => undefined);

/** Looks at where a stream begins to be read, by a job and after each interruption. Gives what is wrong with it. */
export type LookAtRead = (request: ReadRequest) => string | null;

const DESCRIPTION = {
  shortName: "simulated",
  name: "Simulated",
  description: "",
  labels: [],
  internal: true,
  streamNames: [...STREAMS],
  config: configSchema,
  credentials: z.object({ password: z.string() }),
};

/** Two moving upstreams, read as two streams of one connection, in all weathers. */
export class SimulatedUpstream {
  readonly manner: Manner;
  readonly #clock: SimulatedClock;
  readonly #chance: () => number;
  readonly #weather: Weather;
  readonly #upstreams: Readonly<Record<StreamName, MovingUpstream>>;
  readonly #given: Readonly<Record<StreamName, GivenPages>>;
  /** When each entity was last missing, by stream and id. */
  readonly #lastAbsentAt = new Map<string, number>();
  readonly #lookAtRead: LookAtRead;
  /** What no history may bring about. */
  readonly #faults: string[];
  #callsNow = { at: 0, count: 0 };
  #changes = 0;
  readonly keys = new SimulatedKeys();
  #hasLost = false;
  /** When it last refused a key that it takes otherwise. */
  refusedAt = Number.NEGATIVE_INFINITY;
  /** Times until which it has asked to be left alone. */
  readonly askedFor = new Set<number>();
  /** What is done around the time at which a page is given out. */
  #withPage: { readonly after: number; readonly microtasks: number; readonly act: () => void } | null = null;

  constructor(
    manner: Manner,
    clock: SimulatedClock,
    chance: () => number,
    weather: Weather,
    faults: string[],
    lookAtRead: LookAtRead,
  ) {
    this.manner = manner;
    this.#faults = faults;
    this.#lookAtRead = lookAtRead;
    this.#clock = clock;
    this.#chance = chance;
    this.#weather = weather;
    this.#upstreams = { left: new MovingUpstream(manner), right: new MovingUpstream(manner) };
    this.#given = { left: new GivenPages(clock.now), right: new GivenPages(clock.now) };
    for (const name of STREAMS) for (const id of FIRST_IDS) this.put(name, id, 0);
  }

  /**
   * Has something done while a page is on its last way.
   *
   * @param after pages that are given out before it
   * @param microtasks between the page and what is done: where negative, the page comes after it
   */
  withPage(after: number, microtasks: number, act: () => void): void {
    this.#withPage = { after, microtasks, act };
  }

  /** What was to be done with a page is not done any more. */
  withNothing(): void {
    this.#withPage = null;
  }

  of(stream: StreamName): MovingUpstream {
    return this.#upstreams[stream];
  }

  /** What it has given out of a stream. */
  given(stream: StreamName): GivenPages {
    return this.#given[stream];
  }

  /** How often something has changed in it. */
  get changes(): number {
    return this.#changes;
  }

  put(stream: StreamName, id: string, v: number): void {
    this.#changes += 1;
    const upstream = this.of(stream);
    if (upstream.held.get(id)?.isDeleted !== false) this.#lastAbsentAt.set(`${stream} ${id}`, this.#clock.now);
    upstream.put(id, v);
  }

  remove(stream: StreamName, id: string): void {
    this.#changes += 1;
    this.#hasLost = true;
    this.of(stream).remove(id);
  }

  /** Is anything gone that was there, if only for some key? */
  get hasLost(): boolean {
    return this.#hasLost || this.keys.hides;
  }

  /** Was the entity missing at some moment since? */
  wasAbsentSince(stream: StreamName, id: string, since: number): boolean {
    if (this.of(stream).held.get(id)?.isDeleted !== false) return true;
    return (this.#lastAbsentAt.get(`${stream} ${id}`) ?? 0) >= since;
  }

  /** What a key shows of a stream, as the texts that the copy of an edition should hold. */
  texts(stream: StreamName, edition: number, key: string): readonly string[] {
    const present = this.#shown(stream, key);
    return present.map(([id, { v }]) => JSON.stringify(inEdition(edition, { id, v })));
  }

  source(): Source {
    const incremental = this.manner !== "listing";
    return {
      ...DESCRIPTION,
      continuous: incremental,
      open: ({ config, credentials }) =>
        this.#opened(incremental, textOf(credentials["password"]), configSchema.parse(config).edition),
    };
  }

  #opened(incremental: boolean, key: string, edition: number): OpenSource {
    let isCutOff = false;
    const source = scriptedSource({
      streams: STREAMS.map((name) => aStreamOf(name, { incremental })),
      before: async ({ request }) => {
        if (this.#isCircling()) return SILENCE;
        const weather = await this.#weathered(this.#weather.source);
        isCutOff = weather === "cut_off";
        if (weather === "half_broken" && request?.stream === "right") throw new TypeError("A bug.");
        if (request !== null) await this.#pageComes();
        this.#expectKey(key);
      },
      page: (request) => (isCutOff ? null : this.page(request, edition, key)),
    });
    return {
      ...source,
      // It answers whatever the weather, but mostly not at once: what was to be checked may be replaced by then.
      check: async () => {
        if (this.#weather.source !== "prompt" && this.#chance() < 0.6)
          await this.#clock.passed(this.#chance() * PAGE_MS);
        this.#expectKey(key);
      },
      read: (request) => {
        this.lookAtRead(request);
        return source.read(request);
      },
    };
  }

  /** A job begins, or goes on, to read a stream. */
  lookAtRead(request: ReadRequest): void {
    const fault = this.#lookAtRead(request);
    if (fault !== null) this.#faults.push(fault);
  }

  #expectKey(key: string): void {
    if (!this.keys.takes(key)) throw refused();
  }

  /** The page that it has at this moment for a key, whatever the weather. Throws CursorLost. */
  page(request: ReadRequest, edition: number, key: string): Page {
    const name = streamOf(request.stream);
    const { checkpoint } = request;
    try {
      const place = { ...request, checkpoint: placeIn(checkpoint) };
      const page = this.of(name).page(place, PAGE_SIZE, (id) => this.keys.shows(key, id));
      const records = this.#disordered(name, page, key).map((record) => inEdition(edition, record));
      return this.#given[name].give({ ...page, records }, checkpoint, key);
    } catch (error) {
      if (error instanceof CursorLost) this.#given[name].lose(checkpoint);
      throw error;
    }
  }

  #shown(stream: StreamName, key: string): (readonly [string, Held])[] {
    return [...this.of(stream).held].filter(([id, { isDeleted }]) => !isDeleted && this.keys.shows(key, id));
  }

  /** Pages move while they are read: some entities come again, or early, and the order is any. */
  #disordered(name: StreamName, { records }: Page, key: string): readonly unknown[] {
    const nameless = this.#weather.source === "garbled" ? [{ v: 0 }] : [];
    if (this.#chance() >= DISORDER_SHARE) return [...records, ...nameless];
    const present = this.#shown(name, key);
    const from = Math.floor(this.#chance() * present.length);
    const again = present.slice(from, from + PAGE_SIZE).map(([id, { v }]) => ({ id, v }));
    return this.#chance() < 0.5
      ? [...again, ...nameless, ...records]
      : [...records, ...nameless, ...again].toReversed();
  }

  /** Time stands still while nothing waits: only too many calls tell. */
  #isCircling(): boolean {
    const { at, count } = this.#callsNow;
    const { now } = this.#clock;
    this.#callsNow = { at: now, count: at === now ? count + 1 : 1 };
    if (count < CIRCLE_LIMIT) return false;
    this.#faults.push(`The source was called ${count} times at one moment.`);
    return true;
  }

  async #pageComes(): Promise<void> {
    const due = this.#withPage;
    if (due === null) return;
    this.#withPage = due.after === 0 ? null : { ...due, after: due.after - 1 };
    if (due.after > 0) return;
    if (due.microtasks < 0) {
      due.act();
      await passMicrotasks(-due.microtasks);
    } else void this.#after(due.microtasks, due.act);
  }

  async #after(count: number, act: () => void): Promise<void> {
    await passMicrotasks(count);
    act();
  }

  /** Takes its time, and throws what the weather brings. */
  async #weathered(weather: SourceWeather): Promise<SourceWeather> {
    if (weather === "prompt") return weather;
    if (weather !== "hanging" && this.#chance() < 0.5) await this.#clock.passed(this.#chance() * PAGE_MS);
    switch (weather) {
      case "fine":
      case "cut_off":
      case "half_broken":
      case "garbled":
        return weather;
      case "slow":
        await this.#clock.passed(this.#chance() * TIMEOUT_MS);
        return weather;
      case "failing":
        throw new SourceFailure({ kind: "transient", message: "Not now." });
      case "rate_limited": {
        const retryAt = this.#clock.now + 1 + Math.floor(this.#chance() * LONGEST_WAIT_MS);
        this.askedFor.add(retryAt);
        throw new SourceFailure({ kind: "rate_limit", message: "Too many requests.", retryAt });
      }
      case "refusing":
        this.refusedAt = this.#clock.now;
        throw refused();
      case "hanging":
        await this.#clock.passed(TIMEOUT_MS);
        throw new SourceFailure({ kind: "transient", message: "The source did not answer." });
      case "broken":
        throw new TypeError("A bug.");
      case "patchy":
        return this.#weathered(oneOf(this.#chance, ["fine", "fine", "fine", "failing", "rate_limited", "cut_off"]));
    }
  }
}

/** A record as an edition has it: each says something else of all of them. */
export function inEdition(edition: number, record: unknown): unknown {
  return edition === 0 ? record : Object.assign({}, record, { edition });
}

/** No key is empty. */
function textOf(password: Json | undefined): string {
  return typeof password === "string" ? password : "";
}

async function passMicrotasks(count: number): Promise<void> {
  for (let passed = 0; passed < count; passed += 1) await Promise.resolve();
}

function refused(): SourceFailure {
  return new SourceFailure({ kind: "authentication", message: "The key is not valid any more." });
}

export function streamOf(name: string): StreamName {
  const stream = STREAMS.find((each) => each === name);
  if (stream === undefined) throw new Error(`There is no stream "${name}".`);
  return stream;
}
