import { z } from "zod";

import { jobSchema, type Job } from "#core/job";
import { planSchema } from "#core/schedule";
import { streamStateSchema, type StreamState } from "#core/stream-state";
import { numberOf, textOf, type SqlRow } from "#storage/sql";
import type { MemorySqlite } from "./platform/memory-sqlite.ts";
import { SECRET, type World } from "./world.ts";

/** A row of the change feed. */
export interface ChangeRow {
  readonly seq: number;
  readonly stream: number;
  readonly jobId: string;
  readonly at: number;
  readonly upserts: readonly string[];
  readonly deletes: readonly string[];
}

/** Something that is told elsewhere, and how new it is. */
export interface Versioned {
  readonly version: number;
  readonly row: SqlRow;
}

/** What the connection's object has stored, read past it. */
export interface StoredConnection {
  readonly version: number;
  readonly deletedAt: number | null;
  readonly isPaused: boolean;
  readonly plan: z.infer<typeof planSchema>;
}

/** Everything that is stored anywhere at one moment, as an auditor reads it. */
export interface View {
  readonly now: number;
  /** Null once the object is empty. */
  readonly connection: StoredConnection | null;
  /** Oldest first. */
  readonly jobs: readonly Job[];
  readonly streams: readonly StreamState[];
  /** Entries of the change feed after those of the last view. */
  readonly changes: readonly ChangeRow[];
  /** The entity's last change and text, by stream number and id. */
  readonly entities: ReadonlyMap<string, { readonly seq: number; readonly text: string }>;
  /** What D1 has yet to be told: versions by `kind:id`. */
  readonly outbox: ReadonlyMap<string, number>;
  readonly projectedJobs: ReadonlyMap<string, Versioned>;
  readonly projectedConnection: Versioned | null;
  /** Jobs that D1 has counted as ended. */
  readonly countedJobs: number;
  /** Events of jobs, as `jobId type`, wherever they are by now; each as often as it is there under another id. */
  readonly events: readonly string[];
}

const connectionSchema = z.object({
  version: z.number(),
  deletedAt: z.number().nullable(),
  isPaused: z.boolean(),
  plan: planSchema,
});
const idsSchema = z.array(z.string());

/** Reads the world's storages, and remembers what it has parsed before. */
export class Auditor {
  readonly #world: World;
  readonly #jobs = new Map<string, { text: string; job: Job }>();
  #lastSeq = 0;
  #last: { readonly writes: number; readonly view: View } | null = null;

  constructor(world: World) {
    this.#world = world;
  }

  look(): View {
    const { connection, deliveries, database, clock } = this.#world;
    const writes = connection.disk.sqlite.writes + deliveries.disk.sqlite.writes + database.writes;
    const last = this.#last;
    const view = last?.writes === writes ? { ...last.view, now: clock.now, changes: [] } : this.#read();
    this.#last = { writes, view };
    return view;
  }

  #read(): View {
    const { connection, deliveries, database, clock } = this.#world;
    const { sqlite } = connection.disk;
    const isThere = hasTable(sqlite, "documents");
    const changes = isThere ? this.#changes(sqlite) : [];
    return {
      now: clock.now,
      connection: isThere ? connectionOf(sqlite) : null,
      jobs: isThere ? sqlite.all("SELECT id, value FROM jobs ORDER BY id").map((row) => this.#job(row)) : [],
      streams: isThere ? sqlite.all("SELECT value FROM streams").map(streamOfRow) : [],
      changes,
      entities: new Map(isThere ? sqlite.all("SELECT stream, id, last_change, data FROM entities").map(entityOf) : []),
      outbox: new Map(isThere ? sqlite.all("SELECT key, version FROM outbox").map(outboxOf) : []),
      projectedJobs: new Map(database.all("SELECT * FROM sync_jobs").map((row) => [textOf(row, "id"), versioned(row)])),
      projectedConnection: database.all("SELECT * FROM source_connections").map(versioned)[0] ?? null,
      countedJobs: numberOf(database.all("SELECT coalesce(sum(jobs), 0) AS jobs FROM job_totals")[0] ?? {}, "jobs"),
      events: [...new Map([...(isThere ? eventsIn(sqlite) : []), ...messagesIn(deliveries.disk.sqlite)]).values()],
    };
  }

  #changes(sqlite: MemorySqlite): ChangeRow[] {
    const rows = sqlite.all("SELECT * FROM changes WHERE seq > ? ORDER BY seq", [this.#lastSeq]).map(changeOf);
    this.#lastSeq = rows.at(-1)?.seq ?? this.#lastSeq;
    return rows;
  }

  #job(row: SqlRow): Job {
    const [id, text] = [textOf(row, "id"), textOf(row, "value")];
    const known = this.#jobs.get(id);
    if (known?.text === text) return known.job;
    const job = jobSchema.parse(JSON.parse(text));
    this.#jobs.set(id, { text, job });
    return job;
  }
}

/** Where the planted secret can be read in plain. */
export function leaks({ connection, deliveries, database }: World): string[] {
  return [connection.disk.sqlite, deliveries.disk.sqlite, database].flatMap((sqlite) =>
    sqlite
      .all("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
      .map((row) => textOf(row, "name"))
      .filter((table) => JSON.stringify(sqlite.all(`SELECT * FROM "${table}"`)).includes(SECRET)),
  );
}

function hasTable(sqlite: MemorySqlite, name: string): boolean {
  return sqlite.all("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", [name]).length > 0;
}

function connectionOf(sqlite: MemorySqlite): StoredConnection | null {
  const [row] = sqlite.all("SELECT value FROM documents WHERE key = 'connection'");
  return row === undefined ? null : connectionSchema.parse(JSON.parse(textOf(row, "value")));
}

function streamOfRow(row: SqlRow): StreamState {
  return streamStateSchema.parse(JSON.parse(textOf(row, "value")));
}

function changeOf(row: SqlRow): ChangeRow {
  return {
    seq: numberOf(row, "seq"),
    stream: numberOf(row, "stream"),
    jobId: textOf(row, "job_id"),
    at: numberOf(row, "at"),
    upserts: idsSchema.parse(JSON.parse(textOf(row, "upserts"))),
    deletes: idsSchema.parse(JSON.parse(textOf(row, "deletes"))),
  };
}

function entityOf(row: SqlRow): [string, { seq: number; text: string }] {
  const key = `${numberOf(row, "stream")} ${textOf(row, "id")}`;
  return [key, { seq: numberOf(row, "last_change"), text: textOf(row, "data") }];
}

function outboxOf(row: SqlRow): [string, number] {
  return [textOf(row, "key"), numberOf(row, "version")];
}

function versioned(row: SqlRow): Versioned {
  return { version: numberOf(row, "version"), row };
}

function eventsIn(sqlite: MemorySqlite): [string, string][] {
  return sqlite.all("SELECT id, value ->> 'orderKey' AS order_key, value ->> 'type' AS type FROM events").map(eventOf);
}

function messagesIn(sqlite: MemorySqlite): [string, string][] {
  if (!hasTable(sqlite, "messages")) return [];
  return sqlite.all("SELECT id, order_key, type FROM messages").map(eventOf);
}

function eventOf(row: SqlRow): [string, string] {
  return [textOf(row, "id"), `${textOf(row, "order_key")} ${textOf(row, "type")}`];
}
