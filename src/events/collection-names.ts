import type { SluiceEvent } from "#core/event";
import type { JsonObject } from "#core/json";
import { findCollectionNames } from "#records/collection-names";
import { withinTimeLimit } from "#sources/time-limit";
import { textOf, type Sql } from "#storage/sql";

/** How long a name is believed without asking D1: a rename is told by its own event, which comes here too. */
const FRESH_MS = 60_000;

/** What is already known does as well, so D1 is not waited for long. */
const PATIENCE = {
  milliseconds: 3_000,
  timedOut: () => new Error("D1 did not answer in time."),
};

interface CollectionName {
  readonly id: string;
  readonly name: string;
}

/**
 * Adds to events what a source connection does not know of its collection: its id and its name. Keeps what it learns:
 * the last events of a connection come after its collection is gone, and D1 can be down.
 */
export class CollectionNames {
  readonly #sql: Sql;
  readonly #db: D1Database;
  readonly #freshUntil = new Map<string, number>();

  constructor(sql: Sql, db: D1Database) {
    this.#sql = sql;
    this.#db = db;
  }

  /** Throws where D1 is down and nothing is known yet. */
  async complete(organizationId: string, events: readonly SluiceEvent[], now: number): Promise<SluiceEvent[]> {
    for (const { type, payload } of events) if (type.startsWith("collection.")) this.#learnFrom(payload, now);
    const wanted = new Set(events.flatMap(({ payload }) => wantedBy(payload) ?? []));
    const stale = [...wanted].filter((readableId) => (this.#freshUntil.get(readableId) ?? 0) <= now);
    if (stale.length > 0) await this.#ask(organizationId, stale, now);
    return events.map((event) => {
      const readableId = wantedBy(event.payload);
      const known = readableId === null ? null : this.#known(readableId);
      if (known === null) return event;
      return { ...event, payload: { ...event.payload, collection_id: known.id, collection_name: known.name } };
    });
  }

  async #ask(organizationId: string, readableIds: readonly string[], now: number): Promise<void> {
    try {
      const found = await withinTimeLimit(PATIENCE, () => findCollectionNames(this.#db, organizationId, readableIds));
      for (const { readable_id: readableId, id, name } of found) this.#learn(readableId, { id, name });
      for (const readableId of readableIds) this.#freshUntil.set(readableId, now + FRESH_MS);
    } catch (error) {
      if (readableIds.some((readableId) => this.#known(readableId) === null)) throw error;
    }
  }

  #learnFrom(
    { collection_readable_id: readableId, collection_id: id, collection_name: name }: JsonObject,
    now: number,
  ) {
    if (typeof readableId !== "string" || typeof id !== "string" || typeof name !== "string") return;
    this.#learn(readableId, { id, name });
    this.#freshUntil.set(readableId, now + FRESH_MS);
  }

  #learn(readableId: string, { id, name }: CollectionName): void {
    const known = this.#known(readableId);
    if (known?.id === id && known.name === name) return;
    this.#sql.run("INSERT OR REPLACE INTO collections (readable_id, id, name) VALUES (?, ?, ?)", readableId, id, name);
  }

  #known(readableId: string): CollectionName | null {
    const row = this.#sql.first("SELECT id, name FROM collections WHERE readable_id = ?", readableId);
    return row === null ? null : { id: textOf(row, "id"), name: textOf(row, "name") };
  }
}

/** The readable id of the collection whose id and name this payload has a place for, but not yet. */
function wantedBy({ collection_readable_id: readableId, collection_id: id }: JsonObject): string | null {
  return id === null && typeof readableId === "string" ? readableId : null;
}
