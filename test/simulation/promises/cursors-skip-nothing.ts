import type { Json } from "#core/json";
import { streamOf, type SimulatedUpstream } from "../simulated-upstream.ts";
import type { View } from "../view.ts";
import type { WatchedPromise } from "./promise.ts";

/** Whatever lies before a cursor, or before the checkpoint of a feed, is in the copy as the upstream has it. */
export class CursorsSkipNothing implements WatchedPromise {
  readonly #upstream: SimulatedUpstream;

  constructor(upstream: SimulatedUpstream) {
    this.#upstream = upstream;
  }

  breaches({ streams, entities, connection }: View): string[] {
    if (connection === null || this.#upstream.manner === "listing") return [];
    return streams.flatMap(({ name, number, cursor, progress }) => {
      const place = this.#upstream.manner === "changes" ? (progress?.checkpoint ?? null) : null;
      const isBehind = (place_: Json) => typeof place_ === "number";
      const reached = Math.max(...[cursor, place].filter(isBehind).map(Number), Number.NEGATIVE_INFINITY);
      return [...this.#upstream.of(streamOf(name)).held].flatMap(([id, { v, seq, time, isDeleted }]) => {
        const text = entities.get(`${number} ${id}`)?.text;
        // An inclusive cursor of time stands at its moment, which is read again; one of a feed is past its change.
        const isPassed = this.#upstream.manner === "changes" ? seq <= reached : time < reached;
        if (!isPassed) return [];
        if (isDeleted) {
          const isFeed = this.#upstream.manner === "changes";
          return isFeed && text !== undefined ? [`The cursor of ${name} passed the deletion of ${id}.`] : [];
        }
        return text === JSON.stringify({ id, v }) ? [] : [`The cursor of ${name} is past ${id}, and the copy lacks it.`];
      });
    });
  }
}
