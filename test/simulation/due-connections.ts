import { textOf } from "#storage/sql";
import { isUpToDate } from "./promises/due-times-fire-once.ts";
import type { MemorySqlite } from "./platform/memory-sqlite.ts";
import { storedConnectionSchema } from "./stored.ts";

/** The ids of connections whose schedule is due by D1's account. */
export function dueToD1(database: MemorySqlite, now: number): string[] {
  const statement = "SELECT id FROM source_connections WHERE next_run_at <= ? AND deleted_at IS NULL";
  return database.all(statement, [now]).map((row) => textOf(row, "id"));
}

/** Is the connection's schedule due by its object's own account? */
export function isDue(object: MemorySqlite, now: number): boolean {
  if (object.all("SELECT 1 FROM sqlite_master WHERE name = 'documents'").length === 0) return false;
  const [row] = object.all("SELECT value FROM documents WHERE key = 'connection'");
  if (row === undefined) return false;
  const { deletedAt, plan } = storedConnectionSchema.parse(JSON.parse(textOf(row, "value")));
  return deletedAt === null && !isUpToDate(plan, now);
}
