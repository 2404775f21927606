import { z } from "zod";

import type { SourceConnection } from "#connection/object";
import { countsSchema, errorCategorySchema, jobSchema, jobStatusSchema } from "#core/job";
import { streamStateSchema } from "#core/stream-state";
import { numberOf, textOf, type SqlRow } from "#storage/sql";
import type { MemorySqlite } from "./platform/memory-sqlite.ts";
import type { SimulatedClock } from "./platform/clock.ts";
import type { ObjectHost } from "./platform/object-host.ts";
import type { Disk } from "./platform/object-storage.ts";
import { SECRET } from "./setting.ts";
import type { Stage } from "./stage.ts";
import type { Sweeps } from "./sweeps.ts";
import { followUpSchema, hookSchema, planningSchema, storedConnectionSchema, waitingSchema } from "./stored.ts";
import type { ChangeRow, ProjectedConnection, ProjectedJob, View } from "./view.ts";

const idsSchema = z.array(z.string());

const projectedJobSchema = z.object({
  version: z.number(),
  status: jobStatusSchema,
  completed_at: z.number().nullable(),
  wake_at: z.number().nullable(),
  error_category: errorCategorySchema.nullable(),
});

/** Whom an auditor looks at. */
export interface Audited {
  readonly id: string;
  readonly disk: Disk;
  readonly object: ObjectHost<SourceConnection>;
}

/** Reads one connection out of a world's storages, and remembers what it has parsed before. */
export class Auditor {
  readonly #id: string;
  readonly #object: ObjectHost<SourceConnection>;
  readonly #disk: Disk;
  readonly #stage: Stage;
  readonly #clock: SimulatedClock;
  readonly #sweeps: Sweeps;
  readonly #connectionDocument = new Memo(storedConnectionSchema);
  readonly #waiting = new Memo(waitingSchema);
  readonly #hook = new Memo(hookSchema);
  readonly #followUp = new Memo(followUpSchema);
  readonly #planning = new Memo(planningSchema);
  readonly #jobs = new Memo(jobSchema);
  readonly #streams = new Memo(streamStateSchema);
  #lastSeq = 0;
  readonly #stored = new WhenWritten<Stored>(NOTHING);
  readonly #projected = new WhenWritten<Projected>({
    projectedJobs: new Map(),
    projectedConnection: null,
    totals: null,
  });
  readonly #messages = new WhenWritten<ReadonlyMap<string, string>>(new Map());

  constructor(stage: Stage, clock: SimulatedClock, sweeps: Sweeps, { id, disk, object }: Audited) {
    this.#stage = stage;
    this.#clock = clock;
    this.#sweeps = sweeps;
    this.#id = id;
    this.#disk = disk;
    this.#object = object;
  }

  look(): View {
    const { database, deliveries } = this.#stage;
    const { alarmAt, alarmStartedAt } = this.#object;
    const disk = this.#disk;
    const stored = this.#stored.read(disk.sqlite, () => this.#read(disk.sqlite), withoutNews);
    const messages = this.#messages.read(deliveries.sqlite, () => messagesIn(deliveries.sqlite));
    return {
      ...stored,
      ...this.#projected.read(database, () => this.#readProjected(database)),
      events: [...new Map([...messages, ...stored.waitingEvents]).values()],
      now: this.#clock.now,
      alarm: { at: alarmAt, startedAt: alarmStartedAt, isDoubtful: disk.isAlarmDoubtful, isRetry: disk.isAlarmRetry },
      sweptAt: this.#sweeps.sweptAt,
    };
  }

  #read(sqlite: MemorySqlite): Stored {
    if (!hasTable(sqlite, "documents")) return NOTHING;
    const documents = new Map(
      sqlite
        .all(
          "SELECT key, value FROM documents WHERE key IN ('connection', 'follow_up', 'hook', 'hook_waiting', 'planning')",
        )
        .map((row) => [textOf(row, "key"), textOf(row, "value")]),
    );
    const document = <T>(key: string, memo: Memo<T>): T | null => {
      const text = documents.get(key);
      return text === undefined ? null : memo.parse(key, text);
    };
    const hook = document("hook", this.#hook);
    return {
      connection: document("connection", this.#connectionDocument),
      jobs: sqlite
        .all("SELECT id, value FROM jobs ORDER BY id")
        .map((row) => this.#jobs.parse(textOf(row, "id"), textOf(row, "value"))),
      streams: sqlite
        .all("SELECT name, value FROM streams")
        .map((row) => this.#streams.parse(textOf(row, "name"), textOf(row, "value"))),
      changes: this.#changes(sqlite),
      entities: new Map(sqlite.all("SELECT stream, id, last_change, data FROM entities").map(entityOf)),
      outbox: new Map(sqlite.all("SELECT key, version FROM outbox").map(outboxOf)),
      waitingEvents: eventsIn(sqlite),
      hasFollowUp: documents.has("follow_up"),
      isFollowUpConfirmed: document("follow_up", this.#followUp)?.confirmDeletes === true,
      waiting: document("hook_waiting", this.#waiting),
      planning: document("planning", this.#planning),
      debounceMs: hook === null ? null : hook.settings.debounceSeconds * 1000,
    };
  }

  #readProjected(database: MemorySqlite): Projected {
    const id = this.#id;
    const jobs = database.all("SELECT * FROM sync_jobs WHERE source_connection_id = ?", [id]);
    const [connection] = database.all("SELECT * FROM source_connections WHERE id = ?", [id]);
    const [totals] = database.all(
      `SELECT (SELECT count(*) FROM sync_jobs WHERE completed_at IS NOT NULL) AS ended,
         (SELECT coalesce(sum(jobs), 0) FROM job_totals) AS counted,
         EXISTS (SELECT 1 FROM source_connections WHERE deleted_at IS NOT NULL) AS is_incomplete`,
    );
    return {
      projectedJobs: new Map(jobs.map((row) => [textOf(row, "id"), projectedJob(row)])),
      projectedConnection: connection === undefined ? null : projectedConnection(connection),
      totals:
        totals === undefined || totals["is_incomplete"] === 1
          ? null
          : { ended: numberOf(totals, "ended"), counted: numberOf(totals, "counted") },
    };
  }

  #changes(sqlite: MemorySqlite): ChangeRow[] {
    const rows = sqlite.all("SELECT * FROM changes WHERE seq > ? ORDER BY seq", [this.#lastSeq]).map(changeOf);
    this.#lastSeq = rows.at(-1)?.seq ?? this.#lastSeq;
    return rows;
  }
}

/** Most of what is read was read before: what it was parsed to is given again. */
class Memo<T> {
  readonly #schema: z.ZodType<T>;
  readonly #known = new Map<string, { readonly text: string; readonly value: T }>();

  constructor(schema: z.ZodType<T>) {
    this.#schema = schema;
  }

  parse(key: string, text: string): T {
    const known = this.#known.get(key);
    if (known?.text === text) return known.value;
    const value = this.#schema.parse(JSON.parse(text));
    this.#known.set(key, { text, value });
    return value;
  }
}

/** Reads a storage again only after something was written there. */
class WhenWritten<T> {
  #writes = -1;
  #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  /** @param otherwise what is left of what was read, where nothing was written since */
  read(sqlite: MemorySqlite, read: () => T, otherwise: (value: T) => T = (value) => value): T {
    this.#value = this.#writes === sqlite.writes ? otherwise(this.#value) : read();
    this.#writes = sqlite.writes;
    return this.#value;
  }
}

type Projected = Pick<View, "projectedJobs" | "projectedConnection" | "totals">;
/** What the object itself has. */
type Stored = Omit<View, keyof Projected | "now" | "alarm" | "events" | "sweptAt"> & {
  /** By id. */
  readonly waitingEvents: readonly (readonly [string, string])[];
};

const withoutNews = (stored: Stored): Stored => (stored.changes.length === 0 ? stored : { ...stored, changes: [] });

const NOTHING: Stored = {
  connection: null,
  jobs: [],
  streams: [],
  changes: [],
  entities: new Map(),
  outbox: new Map(),
  hasFollowUp: false,
  isFollowUpConfirmed: false,
  waiting: null,
  planning: null,
  debounceMs: null,
  waitingEvents: [],
};

/** Where the planted secret can be read in plain. */
export function leaks(stage: Stage): string[] {
  const storages = [stage.database, stage.deliveries.sqlite, ...stage.connections.map(({ sqlite }) => sqlite)];
  return storages.flatMap((sqlite) =>
    sqlite
      .all("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
      .map((row) => textOf(row, "name"))
      .filter((table) => JSON.stringify(sqlite.all(`SELECT * FROM "${table}"`)).includes(SECRET)),
  );
}

function hasTable(sqlite: MemorySqlite, name: string): boolean {
  return sqlite.all("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", [name]).length > 0;
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

function projectedJob(row: SqlRow): ProjectedJob {
  const { version, status, completed_at, wake_at, error_category } = projectedJobSchema.parse(row);
  const [inserted = 0, updated = 0, deleted = 0, kept = 0] = COUNTED.map((kind) => numberOf(row, `entities_${kind}`));
  const counts = { inserted, updated, deleted, kept };
  return { version, status, completedAt: completed_at, wakeAt: wake_at, counts, errorCategory: error_category };
}

const COUNTED = ["inserted", "updated", "deleted", "kept"] satisfies (keyof typeof countsSchema.shape)[];

function projectedConnection(row: SqlRow): ProjectedConnection {
  const time = (column: string) => (row[column] === null ? null : numberOf(row, column));
  return {
    version: numberOf(row, "version"),
    deletedAt: time("deleted_at"),
    nextRunAt: time("next_run_at"),
    isPaused: row["is_paused"] === 1,
    status: textOf(row, "status"),
    wakeAt: time("wake_at"),
  };
}

function eventsIn(sqlite: MemorySqlite): [string, string][] {
  return sqlite.all("SELECT id, value ->> 'orderKey' AS order_key, value ->> 'type' AS type FROM events").map(eventOf);
}

function messagesIn(sqlite: MemorySqlite): Map<string, string> {
  if (!hasTable(sqlite, "messages")) return new Map();
  return new Map(sqlite.all("SELECT id, order_key, type FROM messages").map(eventOf));
}

function eventOf(row: SqlRow): [string, string] {
  return [textOf(row, "id"), `${textOf(row, "order_key")} ${textOf(row, "type")}`];
}
