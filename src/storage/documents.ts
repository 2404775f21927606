import type { z } from "zod";

import { textOf, type Sql } from "./sql.ts";

/** JSON documents by key, each parsed by its schema when it is read. */
export class Documents {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  read<T>(key: string, schema: z.ZodType<T>): T | null {
    const row = this.#sql.first("SELECT value FROM documents WHERE key = ?", key);
    return row === null ? null : schema.parse(JSON.parse(textOf(row, "value")));
  }

  write(key: string, value: unknown): void {
    this.#sql.run(
      "INSERT INTO documents (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
      key,
      JSON.stringify(value),
    );
  }

  remove(key: string): void {
    this.#sql.run("DELETE FROM documents WHERE key = ?", key);
  }
}
