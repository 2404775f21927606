import { SECRET } from "./setting.ts";

/** Shows everything. */
const NOTHING: ReadonlySet<string> = new Set();

/** The keys of an upstream: those that it takes, and what each of all there ever were hides of every stream. */
export class SimulatedKeys {
  readonly #taken = new Set([SECRET]);
  readonly #hidden = new Map([[SECRET, NOTHING]]);
  readonly #onTheirWay = new Set<string>();
  #made = 0;
  #hides = false;

  /**
   * A key that it takes from now on, which shows all but these ids.
   *
   * @returns the key, and what to call when it was given to whom it is for: where it was accepted, those before it are
   *   taken back, but for those that are still being given, which may come to be in its place.
   */
  make(hidden: readonly string[]): { readonly key: string; readonly isGiven: (isAccepted: boolean) => void } {
    this.#made += 1;
    const key = `${SECRET} ${this.#made}`;
    const older = [...this.#taken].filter((each) => !this.#onTheirWay.has(each));
    this.#taken.add(key);
    this.#onTheirWay.add(key);
    this.#hidden.set(key, new Set(hidden));
    this.#hides ||= hidden.length > 0;
    const isGiven = (isAccepted: boolean): void => {
      this.#onTheirWay.delete(key);
      if (isAccepted) for (const each of older) this.#taken.delete(each);
    };
    return { key, isGiven };
  }

  takes(key: string): boolean {
    return this.#taken.has(key);
  }

  shows(key: string, id: string): boolean {
    return !(this.#hidden.get(key) ?? NOTHING).has(id);
  }

  /** Is there one, or was there, that does not show everything? */
  get hides(): boolean {
    return this.#hides;
  }

  /** Does each of these keys show it? */
  allShow(keys: ReadonlySet<string>, id: string): boolean {
    for (const key of keys) if (!this.shows(key, id)) return false;
    return true;
  }

  /** Does every key that there ever was? */
  showAlways(id: string): boolean {
    for (const hidden of this.#hidden.values()) if (hidden.has(id)) return false;
    return true;
  }
}
