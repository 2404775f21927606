import type { Change, Copy, EntityRow, StoredEntity } from "#sync/copy";

/** An entry of the change log, with the contents that the feed looks up in the copy. */
export interface LoggedChange extends Change {
  readonly upserts: readonly string[];
  readonly rows: readonly EntityRow[];
}

interface State {
  readonly entities: Map<string, StoredEntity>;
  readonly marks: Map<string, Uint8Array>;
  readonly log: LoggedChange[];
}

/** A copy in plain memory, with the transactions that storage would give it. */
export class MemoryCopy implements Copy {
  #state: State = { entities: new Map(), marks: new Map(), log: [] };

  find(stream: number, ids: readonly string[]): Map<string, StoredEntity> {
    return new Map(
      ids.flatMap((id) => {
        const found = this.#state.entities.get(keyOf(stream, id));
        return found === undefined ? [] : [[id, found]];
      }),
    );
  }

  write(change: Change, rows: readonly EntityRow[]): void {
    for (const { id, number, text } of rows) {
      const key = keyOf(change.stream, id);
      this.#state.entities.set(key, { number: this.#state.entities.get(key)?.number ?? number, text });
    }
    for (const id of change.deletes) this.#state.entities.delete(keyOf(change.stream, id));
    const upserts = rows.map(({ id }) => id);
    if (upserts.length + change.deletes.length > 0) this.#state.log.push({ ...change, upserts, rows });
  }

  scan(stream: number, afterId: string | null, limit: number): readonly { id: string; number: number }[] {
    return this.entities(stream)
      .filter(({ id }) => afterId === null || byBytes(id, afterId) > 0)
      .slice(0, limit)
      .map(({ id, number }) => ({ id, number }));
  }

  marks(stream: number, chunk: number): Uint8Array | null {
    return this.#state.marks.get(keyOf(stream, String(chunk)))?.slice() ?? null;
  }

  saveMarks(stream: number, chunk: number, marks: Uint8Array): void {
    this.#state.marks.set(keyOf(stream, String(chunk)), marks.slice());
  }

  clearMarks(stream: number): void {
    for (const key of this.#state.marks.keys()) if (key.startsWith(`${stream}/`)) this.#state.marks.delete(key);
  }

  clearAllMarks(): void {
    this.#state.marks.clear();
  }

  /** Runs `work` whole or, if it throws, not at all. */
  transaction<T>(work: () => T): T {
    const { entities, marks, log } = this.#state;
    const before: State = { entities: new Map(entities), marks: new Map(marks), log: [...log] };
    try {
      return work();
    } catch (error) {
      this.#state = before;
      throw error;
    }
  }

  /** What is stored of a stream, in the order of ids as SQLite has it: by their UTF-8 bytes. */
  entities(stream: number): readonly Omit<EntityRow, "isNew">[] {
    return [...this.#state.entities]
      .filter(([key]) => key.startsWith(`${stream}/`))
      .map(([key, { number, text }]) => ({ id: key.slice(key.indexOf("/") + 1), number, text }))
      .toSorted((a, b) => byBytes(a.id, b.id));
  }

  get log(): readonly LoggedChange[] {
    return this.#state.log;
  }
}

/** What a consumer has who started from nothing and followed the log: text by id. */
export function replay(log: readonly LoggedChange[], stream: number): Map<string, string> {
  const copy = new Map<string, string>();
  for (const { rows, deletes } of log.filter((change) => change.stream === stream)) {
    for (const { id, text } of rows) copy.set(id, text);
    for (const id of deletes) copy.delete(id);
  }
  return copy;
}

function keyOf(stream: number, id: string): string {
  return `${stream}/${id}`;
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
