import type { SqlValue } from "#storage/sql";
import type { MemorySqlite } from "./memory-sqlite.ts";

/** Brings a call to the database, or not: `apply` does there what was asked. */
export type Line = <T>(apply: () => T) => Promise<T>;

/** D1 as far as the Worker uses it, over a line on which anything can happen to a call. */
export class SimulatedDatabase {
  readonly #sqlite: MemorySqlite;
  readonly #line: Line;

  constructor(sqlite: MemorySqlite, line: Line) {
    this.#sqlite = sqlite;
    this.#line = line;
  }

  prepare(text: string): PreparedStatement {
    return new PreparedStatement(this.#sqlite, this.#line, text, []);
  }

  /** All of them, or none. */
  batch(statements: readonly PreparedStatement[]) {
    return this.#line(() => this.#sqlite.transaction(() => statements.map((statement) => statement.apply())));
  }
}

export class PreparedStatement {
  readonly #sqlite: MemorySqlite;
  readonly #line: Line;
  readonly #text: string;
  readonly #bindings: readonly SqlValue[];

  constructor(sqlite: MemorySqlite, line: Line, text: string, bindings: readonly SqlValue[]) {
    this.#sqlite = sqlite;
    this.#line = line;
    this.#text = text;
    this.#bindings = bindings;
  }

  bind(...bindings: SqlValue[]): PreparedStatement {
    return new PreparedStatement(this.#sqlite, this.#line, this.#text, bindings);
  }

  all() {
    return this.#line(() => this.apply());
  }

  run() {
    return this.all();
  }

  async first() {
    return (await this.all()).results[0] ?? null;
  }

  apply() {
    return { success: true, results: this.#sqlite.all(this.#text, this.#bindings) };
  }
}
