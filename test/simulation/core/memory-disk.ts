import type { Job } from "#core/job";
import type { SluiceEvent } from "#core/event";
import type { StreamState } from "#core/stream-state";
import { ObjectPlace } from "#test/simulation/platform/object-place";
import type { ChangeRow } from "#test/simulation/view";
import { Journal, MemoryTable } from "./memory-table.ts";

export interface MemoryEntity {
  readonly number: number;
  readonly text: string;
  /** The change that wrote it last. */
  readonly seq: number;
}

/** What is left of an object of the core when it is not in memory: what its tables would hold, and its alarm. */
export class MemoryDisk extends ObjectPlace {
  readonly journal = new Journal();
  readonly documents = new MemoryTable<unknown>(this.journal);
  readonly jobs = new MemoryTable<Job>(this.journal);
  readonly idempotency = new MemoryTable<{ readonly jobId: string; readonly expiresAt: number }>(this.journal);
  readonly streams = new MemoryTable<StreamState>(this.journal);
  /** By stream number and id, like `MemoryEntity`s in a view. */
  readonly entities = new MemoryTable<MemoryEntity>(this.journal);
  /** By number, at equal length. */
  readonly changes = new MemoryTable<ChangeRow>(this.journal);
  readonly marks = new MemoryTable<Uint8Array>(this.journal);
  readonly outbox = new MemoryTable<{ readonly version: number; readonly value: string }>(this.journal);
  readonly events = new MemoryTable<SluiceEvent>(this.journal);
  /** When each was accepted. */
  readonly deliveryIds = new MemoryTable<number>(this.journal);

  get #tables(): readonly Pick<MemoryTable<unknown>, "keep" | "putBack" | "clear">[] {
    const { documents, jobs, idempotency, streams, entities, changes, marks, outbox, events, deliveryIds } = this;
    return [documents, jobs, idempotency, streams, entities, changes, marks, outbox, events, deliveryIds];
  }

  /** Has it been emptied, or never been anything? */
  get isEmpty(): boolean {
    return this.documents.keys.length === 0;
  }

  clear(): void {
    for (const table of this.#tables) table.clear();
    this.setAlarm(null);
  }

  override keep(): void {
    super.keep();
    for (const table of this.#tables) table.keep();
  }

  override putBack(): void {
    super.putBack();
    for (const table of this.#tables) table.putBack();
  }
}
