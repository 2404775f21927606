import { z } from "zod";

import { failureOf } from "#sources/response-failure";
import type { OpenSource, Source } from "#sources/source";
import { aStreamOf, inOrder, records, scriptedSource } from "#test/support/scripted-source";
import type { SimulatedClock } from "#test/simulation/platform/clock";
import { HOUR_MS, SECOND_MS } from "#test/simulation/setting";

/** What it gives in a while; whoever asks for more is told to come back when the next one begins. */
const RATION_PAGES = 360;
const RATION_HOURS = 6;
/** Longer than a slice, so that a ration takes many of them. */
const PAGE_MS = SECOND_MS;

export const RATIONS_A_DAY = 24 / RATION_HOURS;
const RATION_MS = RATION_HOURS * HOUR_MS;

/** An upstream with one stream, of which it gives no more than its rate limit allows: 429, with `Retry-After`. */
export class RationedUpstream {
  readonly #clock: SimulatedClock;
  readonly #asked: number[];
  readonly #pages: number;
  #ration = { number: -1, left: 0 };
  /** How often somebody was refused, by the number of the ration that was used up. */
  readonly refusals = new Map<number, number>();

  /** @param rations that it takes to give everything */
  constructor(clock: SimulatedClock, rations: number) {
    this.#clock = clock;
    this.#pages = rations * RATION_PAGES;
    this.#asked = Array.from({ length: this.#pages }, () => 0);
  }

  /** How many pages it has, each of one record, whose id is the page's number. */
  get pages(): number {
    return this.#pages;
  }

  /** Pages that were given more than once, or never. */
  get unevenPages(): number {
    return this.#asked.filter((times) => times !== 1).length;
  }

  /** The number of the ration that is used up by now; null where there is something left of it. */
  get usedUp(): number | null {
    const isUsedUp = this.#ration.left === 0 && this.#ration.number === this.rationAt(this.#clock.now);
    return isUsedUp ? this.#ration.number : null;
  }

  /** The number of the ration that is given at a time. */
  rationAt(at: number): number {
    return Math.floor(at / RATION_MS);
  }

  source(): Source {
    return {
      shortName: "rationed",
      name: "Rationed",
      description: "",
      labels: [],
      internal: true,
      streamNames: ["items"],
      continuous: true,
      config: z.object({}),
      credentials: z.object({}),
      open: () => this.#opened(),
    };
  }

  #opened(): OpenSource {
    const page = inOrder(
      Array.from({ length: this.#pages }, (_, number) => ({ records: records([number]) })),
      "the end",
    );
    return scriptedSource({
      streams: [aStreamOf("items", { incremental: true })],
      before: async ({ request }) => {
        if (request === null) return;
        this.#useRation();
        await this.#clock.passed(PAGE_MS);
      },
      page: (request) => {
        const number = typeof request.checkpoint === "number" ? request.checkpoint : 0;
        this.#asked[number] = (this.#asked[number] ?? 0) + 1;
        return page(request);
      },
    });
  }

  #useRation(): void {
    const { now } = this.#clock;
    const number = this.rationAt(now);
    if (number !== this.#ration.number) this.#ration = { number, left: RATION_PAGES };
    if (this.#ration.left > 0) {
      this.#ration.left -= 1;
      return;
    }
    this.refusals.set(number, (this.refusals.get(number) ?? 0) + 1);
    const seconds = Math.ceil(((number + 1) * RATION_MS - now) / SECOND_MS);
    throw failureOf({
      label: "GET https://rationed.example/items",
      status: 429,
      headers: new Headers({ "retry-after": String(seconds) }),
      text: "",
      redact: (text) => text,
      now,
    });
  }
}
