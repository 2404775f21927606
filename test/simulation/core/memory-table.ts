import type { Life } from "#test/simulation/platform/life";

/** Undoes what a transaction did that throws. */
export class Journal {
  #undo: (() => void)[] | null = null;

  /** To be called with each change. */
  note(undo: () => void): void {
    this.#undo?.push(undo);
  }

  /** Runs `work` whole or, if it throws, not at all. */
  transaction<T>(work: () => T): T {
    const outer = this.#undo;
    const own: (() => void)[] = [];
    this.#undo = own;
    try {
      const result = work();
      if (outer !== null) for (const undo of own) outer.push(undo);
      return result;
    } catch (error) {
      for (const undo of own.toReversed()) undo();
      throw error;
    } finally {
      this.#undo = outer;
    }
  }
}

/** Rows in plain memory, in the order of their keys. What is in it is not changed, but replaced. */
export class MemoryTable<Row> {
  readonly #journal: Journal;
  #rows = new Map<string, Row>();
  #keys: string[] = [];
  #kept: { readonly rows: ReadonlyMap<string, Row>; readonly keys: readonly string[] } = { rows: new Map(), keys: [] };
  /** Grows with every change. */
  revision = 0;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  get(key: string): Row | undefined {
    return this.#rows.get(key);
  }

  get keys(): readonly string[] {
    return this.#keys;
  }

  get entries(): ReadonlyMap<string, Row> {
    return this.#rows;
  }

  set(key: string, row: Row): void {
    const before = this.#rows.get(key);
    this.#journal.note(() => (before === undefined ? this.#remove(key) : this.#put(key, before)));
    this.#put(key, row);
  }

  delete(key: string): void {
    const before = this.#rows.get(key);
    if (before === undefined) return;
    this.#journal.note(() => this.#put(key, before));
    this.#remove(key);
  }

  clear(): void {
    for (const key of this.#keys.toReversed()) this.delete(key);
  }

  /** From here on, `putBack` comes back to what is stored now. */
  keep(): void {
    this.#kept = { rows: new Map(this.#rows), keys: [...this.#keys] };
  }

  putBack(): void {
    this.#rows = new Map(this.#kept.rows);
    this.#keys = [...this.#kept.keys];
    this.revision += 1;
  }

  #put(key: string, row: Row): void {
    this.revision += 1;
    if (!this.#rows.has(key)) this.#keys.splice(this.#placeOf(key), 0, key);
    this.#rows.set(key, row);
  }

  #remove(key: string): void {
    this.revision += 1;
    this.#rows.delete(key);
    this.#keys.splice(this.#placeOf(key), 1);
  }

  /** Most keys are the newest ones. */
  #placeOf(key: string): number {
    let place = this.#keys.length;
    while (place > 0 && (this.#keys[place - 1] ?? "") >= key) place -= 1;
    return place;
  }
}

/** A table as one life of an object sees it: nothing of a dead one gets there. */
export class LiveTable<Row> {
  readonly #table: MemoryTable<Row>;
  readonly #life: Life;

  constructor(table: MemoryTable<Row>, life: Life) {
    this.#table = table;
    this.#life = life;
  }

  get(key: string): Row | undefined {
    return this.#used().get(key);
  }

  get keys(): readonly string[] {
    return this.#used().keys;
  }

  set(key: string, row: Row): void {
    this.#used().set(key, row);
  }

  delete(key: string): void {
    this.#used().delete(key);
  }

  clear(): void {
    this.#used().clear();
  }

  #used(): MemoryTable<Row> {
    this.#life.useStorage();
    return this.#table;
  }
}
