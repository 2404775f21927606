import type { Json } from "#core/json";
import type { Page } from "#sources/source";

/** What an upstream gave out at once. */
export interface GivenPage {
  readonly number: number;
  /** The page that it came after; null for the first of a read. */
  readonly after: number | null;
  /** The key of who asked for it. */
  readonly key: string;
  /** Texts by id; of records with the same id the last one. */
  readonly texts: ReadonlyMap<string, string>;
  /** Records without an id. */
  readonly nameless: number;
  readonly tombstones: readonly string[];
}

/** The pages of one stream that were given out, whatever became of them. Their checkpoints tell them apart. */
export class GivenPages {
  readonly #pages = new Map<number, GivenPage>();
  readonly #losses: (number | null)[] = [];
  #lastKey: string | null = null;
  #lastNumber: number;

  /** @param beginning more than any page's number that is stored already */
  constructor(beginning: number) {
    this.#lastNumber = beginning;
  }

  /** @returns the page with a checkpoint that says which one it is */
  give(page: Page, checkpoint: Json, key: string): Page {
    this.#lastNumber += 1;
    const number = this.#lastNumber;
    const ids = page.records.map(idOf);
    const texts = new Map(
      page.records.flatMap((record, place) =>
        ids[place] === null ? [] : [[String(ids[place]), JSON.stringify(record)]],
      ),
    );
    const nameless = ids.filter((id) => id === null).length;
    const { tombstones } = page;
    this.#pages.set(number, { number, after: numberIn(checkpoint), key, texts, nameless, tombstones });
    this.#lastKey = key;
    return { ...page, checkpoint: { place: page.checkpoint, page: number } };
  }

  /** The upstream did not know any more where it was. */
  lose(checkpoint: Json): void {
    this.#losses.push(numberIn(checkpoint));
  }

  /** The pages after which it has lost its place, null where that was before the first one. */
  get losses(): readonly (number | null)[] {
    return this.#losses;
  }

  /** The key of who asked last; null where nobody has. */
  get lastKey(): string | null {
    return this.#lastKey;
  }

  /** The keys with which the pages were asked for up to this one, as far as `upTo` goes. */
  keysUpTo(number: number | null, floor: number): ReadonlySet<string> {
    return new Set(this.upTo(number, floor).map(({ key }) => key));
  }

  /** The pages up to this one, back to the first of its read or the one after `floor`. */
  upTo(number: number | null, floor: number): GivenPage[] {
    const pages: GivenPage[] = [];
    for (let each = number; each !== null && each > floor;) {
      const page = this.#pages.get(each);
      if (page === undefined) break;
      pages.unshift(page);
      each = page.after;
    }
    return pages;
  }
}

/** What the upstream itself makes of a checkpoint. */
export function placeIn(checkpoint: Json): Json {
  return fieldOf(checkpoint, "place");
}

/** Which page it is the checkpoint of; null where it is of none. */
export function numberIn(checkpoint: Json): number | null {
  const number = fieldOf(checkpoint, "page");
  return typeof number === "number" ? number : null;
}

function fieldOf(checkpoint: Json, name: string): Json {
  if (typeof checkpoint !== "object" || checkpoint === null || Array.isArray(checkpoint)) return null;
  return new Map(Object.entries(checkpoint)).get(name) ?? null;
}

function idOf(record: unknown): string | null {
  const id: unknown = Reflect.get(Object(record), "id");
  return typeof id === "string" ? id : null;
}
