import type { Sql } from "./sql.ts";

/** Has this object been given tables? One that was only guessed at has not, and must not get them. */
export function hasTables(sql: Sql): boolean {
  return sql.first("SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'migrations'") !== null;
}

/** Runs what has not run yet of a list that only ever grows. Synchronous, so no call sees the old tables. */
export function applyMigrations(sql: Sql, migrations: readonly string[]): void {
  sql.transaction(() => {
    sql.run("CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY)");
    const done = sql.all("SELECT number FROM migrations").length;
    migrations.slice(done).forEach((statements, index) => {
      sql.run(statements);
      sql.run("INSERT INTO migrations (number) VALUES (?)", done + index + 1);
    });
  });
}
