import type { StreamState } from "#core/stream-state";
import { placeIn } from "#test/simulation/given-pages";
import { inEdition, streamOf, type SimulatedUpstream, type StreamName } from "#test/simulation/simulated-upstream";
import type { View } from "#test/simulation/view";
import { KeysOfRead } from "./keys-of-read.ts";
import { LastLook, type WatchedPromise } from "./promise.ts";

type Keys = ReadonlySet<string>;

/** How far a stream was read, and by which keys. */
interface Place {
  readonly at: number;
  readonly keys: Keys;
}

/**
 * Whatever lies before a cursor, or before the checkpoint of a feed, is in the copy as the upstream has it for the config,
 * if every key shows it by which the way there was read.
 */
export class CursorsSkipNothing implements WatchedPromise {
  readonly #upstream: SimulatedUpstream;
  readonly #reads: Readonly<Record<StreamName, KeysOfRead>> = { left: new KeysOfRead(), right: new KeysOfRead() };
  /** The keys by which was read what lies before each stream's cursor. */
  readonly #keysBefore: Record<StreamName, Keys> = { left: new Set(), right: new Set() };

  readonly #last = new LastLook();

  constructor(upstream: SimulatedUpstream) {
    this.#upstream = upstream;
  }

  breaches({ streams, entities, connection }: View): string[] {
    if (connection === null || this.#upstream.manner === "listing") return [];
    const { credentialsChangedAt } = connection;
    const { edition } = connection.config;
    if (this.#last.isSame(streams, entities, edition, credentialsChangedAt, this.#upstream.changes)) return [];
    const isFeed = this.#upstream.manner === "changes";
    return streams.flatMap((stream) => {
      const { name, number } = stream;
      const places = this.#placesOf(stream, credentialsChangedAt);
      return [...this.#upstream.of(streamOf(name)).held].flatMap(([id, { v, seq, time, isDeleted }]) => {
        // An inclusive cursor of time stands at its moment, which is read again; one of a feed is past its change.
        const isPassed = places.some(
          ({ at, keys }) => (isFeed ? seq <= at : time < at) && this.#upstream.keys.allShow(keys, id),
        );
        // A clock says nothing of what is gone.
        if (!isPassed || (isDeleted && !isFeed)) return [];
        const wanted = isDeleted ? undefined : JSON.stringify(inEdition(edition, { id, v }));
        const text = entities.get(`${number} ${id}`)?.text;
        return text === wanted ? [] : [`The cursor of ${name} is past ${id}: ${wanted}; the copy has ${text}.`];
      });
    });
  }

  #placesOf({ name, cursor, progress }: StreamState, credentialsChangedAt: number): readonly Place[] {
    const stream = streamOf(name);
    const places: Place[] = [];
    if (progress !== null) {
      const read = this.#reads[stream].of(progress, credentialsChangedAt, this.#upstream.given(stream));
      const both = new Set([...this.#keysBefore[stream], ...read]);
      const keys = progress.full ? read : both;
      if (progress.phase === "done") this.#keysBefore[stream] = keys;
      // What the pass has not seen goes before the cursor moves.
      else if (progress.phase === "read") this.#keysBefore[stream] = both;
      const at = this.#upstream.manner === "changes" ? placeIn(progress.checkpoint) : null;
      if (typeof at === "number") places.push({ at, keys });
    }
    if (typeof cursor === "number") places.push({ at: cursor, keys: this.#keysBefore[stream] });
    return places;
  }
}
