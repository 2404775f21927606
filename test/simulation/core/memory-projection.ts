import type { ConnectionRecord, JobRecord, SyncRecord } from "#records/projection";
import { Journal, MemoryTable } from "./memory-table.ts";

/** What D1 has of jobs and connections, in plain memory: `memory-projection.test.ts` holds it to the statements. */
export class MemoryProjection {
  readonly #journal = new Journal();
  readonly jobs = new MemoryTable<JobRecord>(this.#journal);
  readonly connections = new MemoryTable<ConnectionRecord>(this.#journal);
  /** How often each job was counted as ended. */
  readonly counted = new MemoryTable<number>(this.#journal);

  /** A row never goes back to a smaller version; a job of a deleted connection stays out; an end is counted once. */
  project(records: readonly SyncRecord[]): void {
    for (const record of records) {
      if (record.kind === "connection") this.#projectConnection(record);
      else this.#projectJob(record);
    }
  }

  keep(): void {
    for (const table of [this.jobs, this.connections, this.counted]) table.keep();
  }

  putBack(): void {
    for (const table of [this.jobs, this.connections, this.counted]) table.putBack();
  }

  #projectConnection(record: ConnectionRecord): void {
    if (record.version > (this.connections.get(record.id)?.version ?? 0)) this.connections.set(record.id, record);
    if (record.deletedAt === null) return;
    const gone = this.jobs.keys.filter((id) => this.jobs.get(id)?.connectionId === record.id);
    for (const id of gone) this.jobs.delete(id);
  }

  #projectJob(record: JobRecord): void {
    const known = this.jobs.get(record.id);
    if ((this.connections.get(record.connectionId)?.deletedAt ?? null) !== null) return;
    if (record.completedAt !== null && (known?.completedAt ?? null) === null) {
      this.counted.set(record.id, (this.counted.get(record.id) ?? 0) + 1);
    }
    if (record.version > (known?.version ?? 0)) this.jobs.set(record.id, record);
  }
}
