import { DatabaseSync, type StatementSync } from "node:sqlite";

import { textOf, type SqlRow, type SqlValue } from "#storage/sql";

/** Bound values in one statement that Cloudflare allows, to objects and to D1 alike. */
const BINDING_LIMIT = 100;

/** The same SQLite as the platform has, in memory. What it holds outlives the processes that use it. */
export class MemorySqlite {
  readonly #db = new DatabaseSync(":memory:");
  readonly #statements = new Map<string, StatementSync>();
  #depth = 0;
  #writes = 0;

  /** How often something may have changed. */
  get writes(): number {
    return this.#writes;
  }

  /** Runs statements, of which only a single one may have bindings, and gives the rows. */
  all(text: string, bindings: readonly SqlValue[] = []): SqlRow[] {
    if (!text.startsWith("SELECT")) this.#writes += 1;
    if (bindings.length === 0 && isSeveral(text)) {
      this.#db.exec(text);
      return [];
    }
    if (bindings.length > BINDING_LIMIT) throw new Error(`too many SQL variables at offset ${BINDING_LIMIT}`);
    return this.#prepared(text)
      .all(...bindings.map((value) => (value instanceof ArrayBuffer ? new Uint8Array(value) : value)))
      .map(rowOf);
  }

  /** Runs `work` whole or, if it throws, not at all. */
  transaction<T>(work: () => T): T {
    const name = `level_${this.#depth}`;
    this.#db.exec(`SAVEPOINT ${name}`);
    this.#depth += 1;
    try {
      const result = work();
      this.#db.exec(`RELEASE ${name}`);
      return result;
    } catch (error) {
      this.#writes += 1;
      this.#db.exec(`ROLLBACK TO ${name}; RELEASE ${name}`);
      throw error;
    } finally {
      this.#depth -= 1;
    }
  }

  /** From here on, `putBack` comes back to what is stored now. */
  keep(): void {
    this.#db.exec("SAVEPOINT kept");
  }

  /** Undoes everything since `keep`. Statements stay prepared, which is what making a new database costs most. */
  putBack(): void {
    this.#writes += 1;
    this.#db.exec("ROLLBACK TO kept");
  }

  /** Drops every table. */
  clear(): void {
    this.#writes += 1;
    const tables = this.all("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
    for (const row of tables) this.#db.exec(`DROP TABLE "${textOf(row, "name")}"`);
  }

  #prepared(text: string): StatementSync {
    const known = this.#statements.get(text);
    if (known !== undefined) return known;
    const statement = this.#db.prepare(text);
    this.#statements.set(text, statement);
    return statement;
  }
}

function isSeveral(text: string): boolean {
  const end = text.indexOf(";");
  return end !== -1 && text.slice(end + 1).trim() !== "";
}

function rowOf(row: Record<string, unknown>): SqlRow {
  if (isPlain(row)) return row;
  return Object.fromEntries(Object.entries(row).map(([column, value]) => [column, valueOf(column, value)]));
}

/** Most rows are given out as they come. */
function isPlain(row: Record<string, unknown>): row is SqlRow {
  for (const column in row) if (row[column] instanceof Uint8Array) return false;
  return true;
}

function valueOf(column: string, value: unknown): SqlValue {
  if (value === null || typeof value === "string" || typeof value === "number") return value;
  if (value instanceof Uint8Array) return value.slice().buffer;
  throw new TypeError(`Column ${column} holds what the platform would not give out.`);
}
