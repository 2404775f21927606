/** A value that SQLite can hold, as the storage API takes and gives it. */
export type SqlValue = string | number | null | ArrayBuffer;

/** Rows as they come out of SQLite, before a schema has looked at them. */
export type SqlRow = Record<string, SqlValue>;

/** A row as the list of its columns. */
export type SqlTuple = readonly SqlValue[];

/** What is taken of an object's storage to run statements in it. */
export interface SqlHolder {
  readonly sql: {
    exec(statement: string, ...bindings: SqlValue[]): SqlCursor;
  };
  transactionSync<T>(work: () => T): T;
}

/** The rows of a statement, and what they cost. */
export interface SqlCursor extends Iterable<SqlRow> {
  toArray(): SqlRow[];
  raw(): Iterable<SqlTuple>;
  readonly rowsRead: number;
  readonly rowsWritten: number;
}

/** The object's SQLite, counting what is billed: rows read and rows written. */
export class Sql {
  readonly #storage: SqlHolder;
  #rowsRead = 0;
  #rowsWritten = 0;
  readonly #forgets: (() => void)[] = [];

  constructor(storage: SqlHolder) {
    this.#storage = storage;
  }

  /** Runs one statement and gives all its rows. At most 100 bindings of at most 2,000,000 bytes each. */
  all(statement: string, ...bindings: SqlValue[]): SqlRow[] {
    const cursor = this.#storage.sql.exec(statement, ...bindings);
    const rows = cursor.toArray();
    this.#rowsRead += cursor.rowsRead;
    this.#rowsWritten += cursor.rowsWritten;
    return rows;
  }

  /** Runs one statement and gives its rows one by one; whoever has enough just stops. Not to be held across an await. */
  *each(statement: string, ...bindings: SqlValue[]): Generator<SqlRow, void> {
    const cursor = this.#storage.sql.exec(statement, ...bindings);
    try {
      yield* cursor;
    } finally {
      this.#rowsRead += cursor.rowsRead;
      this.#rowsWritten += cursor.rowsWritten;
    }
  }

  /** Runs one statement and gives all its rows as lists of their columns: for many rows, in half the time. */
  tuples(statement: string, ...bindings: SqlValue[]): SqlTuple[] {
    const cursor = this.#storage.sql.exec(statement, ...bindings);
    const rows = [...cursor.raw()];
    this.#rowsRead += cursor.rowsRead;
    this.#rowsWritten += cursor.rowsWritten;
    return rows;
  }

  first(statement: string, ...bindings: SqlValue[]): SqlRow | null {
    return this.all(statement, ...bindings)[0] ?? null;
  }

  run(statement: string, ...bindings: SqlValue[]): void {
    this.all(statement, ...bindings);
  }

  /** Runs `work` whole or, if it throws, not at all. It must not await. */
  transaction<T>(work: () => T): T {
    try {
      return this.#storage.transactionSync(work);
    } catch (error) {
      for (const forget of this.#forgets) forget();
      throw error;
    }
  }

  /** Calls `forget` whenever a transaction was undone: what memory holds of it is not so. */
  onUndone(forget: () => void): void {
    this.#forgets.push(forget);
  }

  /** Since the object was last brought into memory. */
  usage(): { rowsRead: number; rowsWritten: number } {
    return { rowsRead: this.#rowsRead, rowsWritten: this.#rowsWritten };
  }
}

/** A text column. Anything else there means that the object's storage was not written by this code. */
export function textOf(row: SqlRow, column: string): string {
  return text(row[column], column);
}

/** A number column. */
export function numberOf(row: SqlRow, column: string): number {
  return number(row[column], column);
}

/** The text column at this place, counted from 0. */
export function textAt(tuple: SqlTuple, place: number): string {
  return text(tuple[place], place);
}

/** The number column at this place, counted from 0. */
export function numberAt(tuple: SqlTuple, place: number): number {
  return number(tuple[place], place);
}

function text(value: SqlValue | undefined, column: string | number): string {
  if (typeof value !== "string") throw new TypeError(`Column ${column} does not hold text.`);
  return value;
}

function number(value: SqlValue | undefined, column: string | number): number {
  if (typeof value !== "number") throw new TypeError(`Column ${column} does not hold a number.`);
  return value;
}
