import type { Json } from "#core/json";
import { CursorLost, type Page, type ReadRequest } from "#sources/source";
import { aPage } from "./builders.ts";

/** How an upstream shows what it has, as real ones do. */
export type Manner =
  /** A listing in the order of ids, without a cursor: only a full pass tells what is gone. */
  | "listing"
  /** Ordered by a clock that several edits share, from an inclusive time on; deletes leave no trace. */
  | "updated_since"
  /** A feed that holds each entity at its newest change, deletes included. */
  | "changes";

/** What the upstream knows of an entity; of one that is gone too. */
export interface Held {
  readonly v: number;
  /** In the order of changes. */
  readonly seq: number;
  /** A clock too coarse to tell neighbours apart. */
  readonly time: number;
  readonly isDeleted: boolean;
}

type IsShown = (id: string) => boolean;

/** Changes that share one tick of the clock. */
const CHANGES_A_TICK = 3;

/** An upstream whose entities come, change and go, also while it is being read. */
export class MovingUpstream {
  readonly #manner: Manner;
  readonly #held = new Map<string, Held>();
  #changes = 0;
  /** The next read from a cursor or checkpoint finds that the upstream does not know it any more. */
  losesNext = false;

  constructor(manner: Manner) {
    this.#manner = manner;
  }

  put(id: string, v: number): void {
    this.#change(id, { v, isDeleted: false });
  }

  remove(id: string): void {
    if (this.#held.get(id)?.isDeleted === false) this.#change(id, { v: 0, isDeleted: true });
  }

  /** Everything that it ever had. */
  get held(): ReadonlyMap<string, Held> {
    return this.#held;
  }

  /** What there is, as the texts that the copy should hold. */
  texts(): Map<string, string> {
    return new Map(
      [...this.#held].filter(([, { isDeleted }]) => !isDeleted).map(([id, { v }]) => [id, JSON.stringify({ id, v })]),
    );
  }

  /** @param isShown whether who asks is shown an entity, also as one that is gone */
  page({ cursor, checkpoint }: ReadRequest, size: number, isShown: IsShown = () => true): Page {
    if (this.losesNext && (cursor !== null || checkpoint !== null)) {
      this.losesNext = false;
      throw new CursorLost("The upstream starts over.");
    }
    switch (this.#manner) {
      case "listing":
        return this.#listing(checkpoint, size, isShown);
      case "updated_since":
        return this.#updatedSince(cursor, checkpoint, size, isShown);
      case "changes":
        return this.#feed(cursor, checkpoint, size, isShown);
    }
  }

  #listing(checkpoint: Json, size: number, isShown: IsShown): Page {
    const after = typeof checkpoint === "string" ? checkpoint : "";
    const rest = this.#present()
      .filter(([id]) => id > after && isShown(id))
      .toSorted(([a], [b]) => (a < b ? -1 : 1));
    const some = rest.slice(0, size);
    const end = some.length === rest.length ? { cursor: null, complete: true } : null;
    return aPage({ records: some.map(recordOf), checkpoint: some.at(-1)?.[0] ?? after, end });
  }

  #updatedSince(cursor: Json, checkpoint: Json, size: number, isShown: IsShown): Page {
    const start = { time: typeof cursor === "number" ? cursor : -1, id: "", began: this.#tick() };
    const place = parsePlace(checkpoint) ?? start;
    const rest = this.#present()
      .map(([id, held]) => ({ id, held }))
      .filter(({ id }) => isShown(id))
      .filter(({ id, held }) => held.time > place.time || (held.time === place.time && id > place.id))
      .toSorted((a, b) => a.held.time - b.held.time || (a.id < b.id ? -1 : 1));
    const some = rest.slice(0, size);
    const last = some.at(-1);
    const next = last === undefined ? place : { time: last.held.time, id: last.id, began: place.began };
    // Not past the tick in which the read began: what changed in it later may sort before what had been read by then.
    const resume = Math.min(next.time, next.began);
    const end = some.length === rest.length ? { cursor: resume, complete: cursor === null } : null;
    return aPage({ records: some.map(({ id, held }) => recordOf([id, held])), checkpoint: { ...next }, end });
  }

  #feed(cursor: Json, checkpoint: Json, size: number, isShown: IsShown): Page {
    const after = typeof checkpoint === "number" ? checkpoint : typeof cursor === "number" ? cursor : 0;
    const rest = [...this.#held]
      .filter(([id, { seq }]) => seq > after && isShown(id))
      .toSorted(([, a], [, b]) => a.seq - b.seq);
    const some = rest.slice(0, size);
    const next = some.at(-1)?.[1].seq ?? after;
    return aPage({
      records: some.filter(([, { isDeleted }]) => !isDeleted).map(recordOf),
      tombstones: some.filter(([, { isDeleted }]) => isDeleted).map(([id]) => id),
      checkpoint: next,
      end: some.length === rest.length ? { cursor: next, complete: cursor === null } : null,
    });
  }

  #present(): [string, Held][] {
    return [...this.#held].filter(([, { isDeleted }]) => !isDeleted);
  }

  #change(id: string, change: Pick<Held, "v" | "isDeleted">): void {
    this.#changes += 1;
    this.#held.set(id, { ...change, seq: this.#changes, time: this.#tick() });
  }

  #tick(): number {
    return Math.floor(this.#changes / CHANGES_A_TICK);
  }
}

function recordOf([id, { v }]: [string, Held]): unknown {
  return { id, v };
}

interface Place {
  readonly time: number;
  readonly id: string;
  /** The tick in which the read began. */
  readonly began: number;
}

function parsePlace(checkpoint: Json): Place | null {
  if (typeof checkpoint !== "object" || checkpoint === null || Array.isArray(checkpoint)) return null;
  const { time, id, began } = Object.fromEntries(Object.entries(checkpoint));
  return typeof time === "number" && typeof id === "string" && typeof began === "number" ? { time, id, began } : null;
}
