import { CursorSeal } from "#storage/cursor-seal";
import { Documents } from "#storage/documents";
import { project } from "#records/projection";
import type { Sql } from "#storage/sql";
import { ConnectionStore } from "./connection-store.ts";
import { EventOutbox, type PublishEvents } from "./event-outbox.ts";
import { EventRows } from "./event-rows.ts";
import { EntityStore } from "./entity-store.ts";
import { HookStore } from "./hook-store.ts";
import { JobLog } from "./job-log.ts";
import { JobStore } from "./job-store.ts";
import { KeepsakeStore } from "./keepsake-store.ts";
import { ManifestStore } from "./manifest-store.ts";
import { Outbox } from "./outbox.ts";
import { OutboxRows } from "./outbox-rows.ts";
import { StreamStore } from "./stream-store.ts";

/** The object's storage, opened. */
export interface Stores {
  readonly sql: Sql;
  readonly connection: ConnectionStore;
  readonly keepsakes: KeepsakeStore;
  readonly manifest: ManifestStore;
  readonly jobs: JobStore;
  readonly log: JobLog;
  readonly streams: StreamStore;
  readonly entities: EntityStore;
  readonly outbox: Outbox;
  readonly events: EventOutbox;
  readonly hooks: HookStore;
  readonly cursors: CursorSeal;
}

/** Where the object tells others of what it did. */
export interface Outlets {
  readonly db: D1Database;
  readonly publish: PublishEvents;
}

/** Opens the stores of an object whose tables exist. */
export function openStores(sql: Sql, { db, publish }: Outlets): Stores {
  const documents = new Documents(sql);
  return {
    sql,
    connection: new ConnectionStore(sql, documents),
    keepsakes: new KeepsakeStore(documents),
    manifest: new ManifestStore(sql, documents, db),
    jobs: new JobStore(sql, documents),
    log: new JobLog(sql),
    streams: new StreamStore(sql),
    entities: new EntityStore(sql),
    outbox: new Outbox(sql, new OutboxRows(sql), documents, (records) => project(db, records)),
    events: new EventOutbox(sql, new EventRows(sql), documents, publish),
    hooks: new HookStore(sql, documents),
    cursors: new CursorSeal(documents),
  };
}
