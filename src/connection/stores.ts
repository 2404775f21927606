import { ConnectionStore } from "./connection-store.ts";
import { Documents } from "./documents.ts";
import { EntityStore } from "./entity-store.ts";
import { JobStore } from "./job-store.ts";
import { Outbox } from "./outbox.ts";
import type { Sql } from "./sql.ts";
import { StreamStore } from "./stream-store.ts";

/** The object's storage, opened. */
export interface Stores {
  readonly sql: Sql;
  readonly connection: ConnectionStore;
  readonly jobs: JobStore;
  readonly streams: StreamStore;
  readonly entities: EntityStore;
  readonly outbox: Outbox;
}

/** Opens the stores of an object whose tables exist. */
export function openStores(sql: Sql, db: D1Database): Stores {
  const documents = new Documents(sql);
  return {
    sql,
    connection: new ConnectionStore(documents),
    jobs: new JobStore(sql, documents),
    streams: new StreamStore(sql),
    entities: new EntityStore(sql),
    outbox: new Outbox(sql, documents, db),
  };
}
