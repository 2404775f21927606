import { z } from "zod";

import { sealedSchema } from "#auth/credentials";
import { syncSettingsSchema } from "#core/connection";
import type { JsonObject } from "#core/json";
import { NO_PLAN, planSchema, scheduleSchema } from "#core/schedule";
import type { Documents } from "#storage/documents";
import type { Sql } from "#storage/sql";

const jsonObjectSchema: z.ZodType<JsonObject> = z.record(z.string(), z.json());

const connectionSchema = z.object({
  id: z.string(),
  organizationId: z.string(),
  collectionId: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  shortName: z.string(),
  config: jsonObjectSchema,
  credentials: sealedSchema,
  /** Epoch milliseconds, like every `…At`. */
  credentialsChangedAt: z.number(),
  schedule: scheduleSchema.nullable(),
  /** Its owner wants nothing to start by itself. */
  isPaused: z.boolean().default(false),
  /** Objects from before schedules ran have none; the first sweep asks them, and they make one. */
  plan: planSchema.default(NO_PLAN),
  /** Strict where callers give them; what a later version stored is none of this one's business. */
  settings: syncSettingsSchema.strip(),
  createdAt: z.number(),
  modifiedAt: z.number(),
  /** Set once the connection is deleted, until D1 knows and the object is empty. */
  deletedAt: z.number().nullable(),
  /** Grows with everything that D1 is told about the connection. */
  version: z.number(),
  /** Names the change feed, so that a cursor of another connection is noticed. */
  feedId: z.string(),
});
/** The connection as its object keeps it. The object knows who it is from here, not from its address. */
export type Connection = z.infer<typeof connectionSchema>;

const KEY = "connection";

export class ConnectionStore {
  readonly #documents: Documents;
  #cached: Connection | null = null;

  constructor(sql: Sql, documents: Documents) {
    this.#documents = documents;
    sql.onUndone(() => (this.#cached = null));
  }

  read(): Connection {
    this.#cached ??= this.#documents.read(KEY, connectionSchema);
    if (this.#cached === null) throw new Error("The object has tables, but no connection.");
    return this.#cached;
  }

  /** Up to which entry the feed gave out cursors that were not signed; 0 if never. */
  unsignedFeed(): number {
    return this.#documents.read("unsigned_feed", z.number()) ?? 0;
  }

  write(connection: Connection): void {
    this.#documents.write(KEY, connection);
    this.#cached = connection;
  }
}
