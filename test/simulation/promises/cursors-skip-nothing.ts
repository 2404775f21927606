import { placeIn } from "#test/simulation/given-pages";
import { inEdition, streamOf, type SimulatedUpstream } from "#test/simulation/simulated-upstream";
import type { View } from "#test/simulation/view";
import { LastLook, type WatchedPromise } from "./promise.ts";

/** Whatever lies before a cursor, or before the checkpoint of a feed, is in the copy as the upstream has it for the config. */
export class CursorsSkipNothing implements WatchedPromise {
  readonly #upstream: SimulatedUpstream;

  readonly #last = new LastLook();

  constructor(upstream: SimulatedUpstream) {
    this.#upstream = upstream;
  }

  breaches({ streams, entities, connection }: View): string[] {
    if (connection === null || this.#upstream.manner === "listing") return [];
    const { edition } = connection.config;
    if (this.#last.isSame(streams, entities, edition, this.#upstream.changes)) return [];
    const isFeed = this.#upstream.manner === "changes";
    return streams.flatMap(({ name, number, cursor, progress }) => {
      const places = isFeed ? [cursor, placeIn(progress?.checkpoint ?? null)] : [cursor];
      const reached = Math.max(Number.NEGATIVE_INFINITY, ...places.filter((place) => typeof place === "number"));
      return [...this.#upstream.of(streamOf(name)).held].flatMap(([id, { v, seq, time, isDeleted }]) => {
        // An inclusive cursor of time stands at its moment, which is read again; one of a feed is past its change.
        const isPassed = isFeed ? seq <= reached : time < reached;
        // A clock says nothing of what is gone.
        if (!isPassed || (isDeleted && !isFeed)) return [];
        const wanted = isDeleted ? undefined : JSON.stringify(inEdition(edition, { id, v }));
        const text = entities.get(`${number} ${id}`)?.text;
        return text === wanted ? [] : [`The cursor of ${name} is past ${id}: ${wanted}; the copy has ${text}.`];
      });
    });
  }
}
