/** An entity as it is stored. */
export interface StoredEntity {
  /** Its number in the stream, for the marks of a pass. */
  readonly number: number;
  readonly text: string;
}

/** An entity to be stored. */
export interface EntityRow {
  readonly id: string;
  readonly number: number;
  readonly text: string;
  /** Nothing is stored under its id. The numbers of new ones follow each other. */
  readonly isNew: boolean;
}

/** What a page or a batch of orphans did, for the change feed, besides the entities that it stored. */
export interface Change {
  readonly stream: number;
  readonly jobId: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly deletes: readonly string[];
}

/**
 * The copy of a connection's entities: the port through which pages are applied. Synchronous, and used inside one
 * transaction: what a page does happens whole or not at all.
 */
export interface Copy {
  /** The stored entities among `ids`. */
  find(stream: number, ids: readonly string[]): Map<string, StoredEntity>;
  /** Inserts or replaces, and writes the change feed's entry. `deletes` that are not stored are none of its business. */
  write(change: Change, rows: readonly EntityRow[]): void;
  /** Up to `limit` entities after `afterId` (null: from the first), in the order of ids. */
  scan(
    stream: number,
    afterId: string | null,
    limit: number,
  ): readonly { readonly id: string; readonly number: number }[];
  /** The marks of the pass in this chunk of numbers; null where there are none. */
  marks(stream: number, chunk: number): Uint8Array | null;
  saveMarks(stream: number, chunk: number, marks: Uint8Array): void;
  clearMarks(stream: number): void;
}
