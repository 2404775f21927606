import { eventSchema, type SluiceEvent } from "#core/event";
import { textOf, type Sql } from "#storage/sql";

/** The events that the organization's deliveries have yet to take. */
export class EventRows {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  add(event: SluiceEvent): void {
    this.#sql.run("INSERT INTO events (id, value) VALUES (?, ?)", event.id, JSON.stringify(event));
  }

  isEmpty(): boolean {
    return this.#sql.first("SELECT 1 FROM events LIMIT 1") === null;
  }

  /** In the order in which they happened. */
  list(limit: number): SluiceEvent[] {
    const rows = this.#sql.all("SELECT value FROM events ORDER BY id LIMIT ?", limit);
    return rows.map((row) => eventSchema.parse(JSON.parse(textOf(row, "value"))));
  }

  remove(id: string): void {
    this.#sql.run("DELETE FROM events WHERE id = ?", id);
  }
}
