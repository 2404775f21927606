import { EntityStore } from "#connection/entity-store";
import type { Sql } from "#storage/sql";
import type { Change, EntityRow, StoredEntity } from "#sync/copy";
import type { ChangeRow } from "#test/simulation/view";
import type { MemoryEntity } from "./memory-disk.ts";
import type { LiveTable } from "./memory-table.ts";

/** The copy, its marks and its change feed. */
export class MemoryEntityStore extends EntityStore {
  readonly #entities: LiveTable<MemoryEntity>;
  readonly #changes: LiveTable<ChangeRow>;
  readonly #marks: LiveTable<Uint8Array>;

  constructor(
    sql: Sql,
    entities: LiveTable<MemoryEntity>,
    changes: LiveTable<ChangeRow>,
    marks: LiveTable<Uint8Array>,
  ) {
    super(sql);
    this.#entities = entities;
    this.#changes = changes;
    this.#marks = marks;
  }

  override find(stream: number, ids: readonly string[]): Map<string, StoredEntity> {
    const found = new Map<string, StoredEntity>();
    for (const id of ids) {
      const entity = this.#entities.get(`${stream} ${id}`);
      if (entity !== undefined) found.set(id, { number: entity.number, text: entity.text });
    }
    return found;
  }

  override write(change: Change, rows: readonly EntityRow[]): void {
    if (rows.length > 0) {
      const upserts = rows.map(({ id }) => id);
      const seq = this.#record(change, upserts, []);
      for (const { id, number, text } of rows) {
        const key = `${change.stream} ${id}`;
        this.#entities.set(key, { number: this.#entities.get(key)?.number ?? number, text, seq });
      }
    }
    if (change.deletes.length > 0) {
      this.#record(change, [], change.deletes);
      for (const id of change.deletes) this.#entities.delete(`${change.stream} ${id}`);
    }
  }

  override scan(stream: number, afterId: string | null, limit: number): readonly { id: string; number: number }[] {
    const start = `${stream} `;
    return this.#entities.keys
      .filter((key) => key.startsWith(start) && (afterId === null || key > `${start}${afterId}`))
      .slice(0, limit)
      .map((key) => ({ id: key.slice(start.length), number: this.#entities.get(key)?.number ?? -1 }));
  }

  override marks(stream: number, chunk: number): Uint8Array | null {
    return this.#marks.get(`${stream} ${chunk}`)?.slice() ?? null;
  }

  override saveMarks(stream: number, chunk: number, marks: Uint8Array): void {
    this.#marks.set(`${stream} ${chunk}`, marks.slice());
  }

  override clearMarks(stream: number): void {
    for (const key of this.#marks.keys.filter((each) => each.startsWith(`${stream} `))) this.#marks.delete(key);
  }

  override clearAllMarks(): void {
    this.#marks.clear();
  }

  #record({ stream, jobId, at }: Change, upserts: readonly string[], deletes: readonly string[]): number {
    const seq = Number(this.#changes.keys.at(-1) ?? 0) + 1;
    this.#changes.set(String(seq).padStart(8, "0"), { seq, stream, jobId, at, upserts, deletes });
    return seq;
  }
}
