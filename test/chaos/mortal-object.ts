/** What an object of the chaos Worker can be made to suffer. */
export type Misfortune =
  /** Put out of memory at once. */
  | { readonly type: "evict" }
  /** Put out of memory a moment after it has committed so many transactions. */
  | { readonly type: "die"; readonly commits: number; readonly delayMs: number }
  /** Its disk refuses to commit that transaction. */
  | { readonly type: "refuse"; readonly commits: number }
  /** It refuses what it is told by other objects for so long. */
  | { readonly type: "away"; readonly ms: number }
  /** Its alarm goes off once more than it should. */
  | { readonly type: "alarm_twice" }
  /** Its alarm never goes off. */
  | { readonly type: "alarm_lost" };

/** An object that misfortunes can be sent to. */
export interface Mortal {
  suffer(misfortune: Misfortune): Promise<void>;
}

type Doom = Extract<Misfortune, { readonly type: "die" | "refuse" }>;

/** Dooms from before the last time it was raised are off. */
let mercies = 0;

/** From now on nothing befalls an object that was only announced. */
export function haveMercy(): void {
  mercies += 1;
}

const WRITES = /^\s*(?:INSERT|UPDATE|DELETE)\b/i;

/** The death that an object goes towards, counted over its transactions. */
export class Fate {
  readonly #ctx: DurableObjectState;
  #doom: { readonly what: Doom; readonly mercies: number } | null = null;
  #left = 0;
  #awayUntil = 0;

  /** Takes part in every transaction of the object from now on, and in every statement that is one by itself. */
  constructor(ctx: DurableObjectState) {
    this.#ctx = ctx;
    const commit = ctx.storage.transactionSync.bind(ctx.storage);
    let depth = 0;
    ctx.storage.transactionSync = <T>(work: () => T): T => {
      depth += 1;
      try {
        const result = commit(() => {
          const done = work();
          if (depth === 1) this.#beforeCommit();
          return done;
        });
        if (depth === 1) this.#afterCommit();
        return result;
      } finally {
        depth -= 1;
      }
    };
    const { sql } = ctx.storage;
    const exec = sql.exec.bind(sql);
    sql.exec = <T extends Record<string, SqlStorageValue>>(query: string, ...bindings: unknown[]) => {
      const isCommitted = depth === 0 && WRITES.test(query);
      if (isCommitted) this.#beforeCommit();
      const cursor = exec<T>(query, ...bindings);
      if (isCommitted) this.#afterCommit();
      return cursor;
    };
  }

  async suffer(misfortune: Misfortune, alarm: () => Promise<void>): Promise<void> {
    switch (misfortune.type) {
      case "evict":
        this.#die();
        return;
      case "die":
      case "refuse":
        this.#doom = { what: misfortune, mercies };
        this.#left = misfortune.commits;
        return;
      case "away":
        this.#awayUntil = Date.now() + misfortune.ms;
        return;
      case "alarm_twice":
        await alarm();
        return;
      case "alarm_lost":
        await this.#ctx.storage.deleteAlarm();
        return;
    }
  }

  get isAway(): boolean {
    return Date.now() < this.#awayUntil;
  }

  #doomed(): Doom | null {
    if (this.#doom !== null && this.#doom.mercies !== mercies) this.#doom = null;
    return this.#doom?.what ?? null;
  }

  #beforeCommit(): void {
    const doom = this.#doomed();
    if (doom === null) return;
    this.#left -= 1;
    if (this.#left > 0 || doom.type !== "refuse") return;
    this.#doom = null;
    throw new Error("database or disk is full: SQLITE_FULL");
  }

  #afterCommit(): void {
    const doom = this.#doomed();
    if (doom?.type !== "die" || this.#left > 0) return;
    this.#doom = null;
    setTimeout(() => this.#die(), doom.delayMs);
  }

  #die(): void {
    this.#ctx.abort("Chaos: put out of memory.");
  }
}
