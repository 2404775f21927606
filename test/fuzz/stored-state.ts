import { readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { z } from "zod";

import type { StoredTable } from "./stored-tables.ts";

/** Longest that a file is waited for which the Worker is writing to, or is just putting away. */
const LOCKED_MS = 5_000;

/** How often it is tried meanwhile. */
const MOVED_MS = 10;
const CLOCK = new Int32Array(new SharedArrayBuffer(4));

/**
 * A file that was written to more recently may be written to again without showing it: its time is that of the kernel's
 * last tick, and a log that is used again keeps its size.
 */
const FRESH_MS = 50;

/** What is on its way from one place to another: where there is any, more is about to change. */
const ON_THE_WAY = ["events", "waiting_events"] as const;

/**
 * What D1 has to be told stays in an object's outbox, after D1 has it too, until the object has something else to do:
 * such rows go by themselves, and say nothing that D1 does not. The others are on their way.
 */
const OUTBOX = "outbox";
const TOLD = ["source_connections", "sync_jobs"] as const;
const outboxRowSchema = z.object({ key: z.string(), version: z.number() });
const toldRowSchema = z.object({ id: z.string(), version: z.number() });

/** A delivery that is queued and due is being made, or is about to be: its receiver is waited for. */
const QUEUE = "queue";
const queueRowSchema = z.object({ next_at: z.number() });
/** What is due so soon is not told from what is due. */
const SOON_MS = 1_000;

interface Read {
  /** Changes with the file; null where it was too fresh to be told from what is written next. */
  readonly stamp: string | null;
  readonly tables: readonly StoredTable[];
  readonly onItsWay: readonly string[];
  readonly queued: readonly QueuedRow[];
  /** What an object has for D1. */
  readonly outbox: readonly string[];
  /** What D1 has: versions, by id. */
  readonly told: readonly (readonly [id: string, version: number])[];
}

interface QueuedRow {
  readonly nextAt: number;
  readonly row: string;
}

/** What a local Worker has stored, D1 and objects, read from the files while it runs. */
export class StoredState {
  readonly #directory: string;
  readonly #since = Date.now();
  /** The organizations whose rows in D1 are looked at. */
  readonly #organizations: readonly string[];
  readonly #read = new Map<string, Read>();

  /** Objects that are there already are left out. */
  constructor(stateDirectory: string, organizations: readonly string[]) {
    this.#directory = join(stateDirectory, "v3");
    this.#organizations = organizations;
  }

  /** `tables`: everything, so that a difference is a change. `onItsWay`: what is about to change more. */
  look(): {
    readonly tables: readonly StoredTable[];
    readonly onItsWay: readonly string[];
    readonly nextAlarmAt: number;
  } {
    const alarms = this.#alarms();
    const files = this.#files();
    const reads = files.map((path) => this.#at(path));
    const told = new Map(reads.flatMap((read) => read.told));
    const untold = reads.flatMap(({ outbox }) => outbox.filter((row) => !isTold(row, told)));
    const due = reads.flatMap(({ queued }) => queued.filter(({ nextAt }) => nextAt <= Date.now() + SOON_MS));
    const ids = new Set(files.map((path) => basename(path, ".sqlite")));
    const armed = alarms.filter(({ id }) => ids.has(id)).map(({ id, at }) => JSON.stringify({ id, at }));
    return {
      tables: [
        ...reads.flatMap((read) => read.tables),
        { name: "alarms", rows: armed },
        { name: OUTBOX, rows: untold },
      ],
      onItsWay: [...reads.flatMap(({ onItsWay }) => onItsWay), ...untold, ...due.map(({ row }) => row)],
      nextAlarmAt: Math.min(...alarms.map(({ at }) => at)),
    };
  }

  /** When each object's alarm goes off, or should have, in epoch milliseconds. */
  #alarms(): { readonly id: string; readonly at: number }[] {
    return readdirSync(join(this.#directory, "do")).flatMap((folder) =>
      looking(join(this.#directory, "do", folder, "metadata.sqlite"), (database) =>
        rows(database, "SELECT actor_id AS id, scheduled_time / 1000000 AS at FROM _cf_ALARM ORDER BY actor_id").map(
          ({ id, at }) => ({ id: String(id), at: Number(at) }),
        ),
      ),
    );
  }

  #files(): string[] {
    return ["d1", "do"].flatMap((kind) =>
      readdirSync(join(this.#directory, kind), { recursive: true, withFileTypes: true })
        .filter(({ name }) => name.endsWith(".sqlite") && name !== "metadata.sqlite")
        .map(({ parentPath, name }) => join(parentPath, name))
        .filter((path) => kind === "d1" || statSync(path).birthtimeMs >= this.#since),
    );
  }

  #at(path: string): Read {
    const { stamp, at } = stampOf(path);
    const known = this.#read.get(path);
    if (known?.stamp === stamp) return known;
    const isFresh = Date.now() - at < FRESH_MS;
    const read = { stamp: isFresh ? null : stamp, ...looking(path, (database) => this.#contentOf(database)) };
    this.#read.set(path, read);
    return read;
  }

  #contentOf(database: DatabaseSync): Omit<Read, "stamp"> {
    const known = rows(database, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
      .map(({ name }) => String(name))
      .filter((name) => !name.startsWith("_"));
    const content = new Map(known.map((table) => [table, this.#rowsOf(database, table)]));
    // What it has for D1 is told from what D1 has; see OUTBOX.
    const tables = [...content].filter(([name]) => name !== OUTBOX).map(([name, found]) => ({ name, rows: found }));
    const active = content.get("sync_jobs")?.filter((line) => /"(?:PENDING|RUNNING|CANCELLING)"/.test(line)) ?? [];
    const all = (names: readonly string[]) => names.flatMap((table) => content.get(table) ?? []);
    return {
      tables,
      queued: all([QUEUE]).map((row) => ({ row, nextAt: queueRowSchema.parse(JSON.parse(row)).next_at })),
      onItsWay: [...active, ...all(ON_THE_WAY)],
      outbox: all([OUTBOX]),
      told: all(TOLD).map((row) => {
        const { id, version } = toldRowSchema.parse(JSON.parse(row));
        return [id, version];
      }),
    };
  }

  #rowsOf(database: DatabaseSync, table: string): string[] {
    const isOwned = rows(database, `SELECT 1 FROM pragma_table_info('${table}') WHERE name = 'organization_id'`);
    const found =
      isOwned.length === 0
        ? rows(database, `SELECT * FROM "${table}"`)
        : rows(
            database,
            `SELECT * FROM "${table}" WHERE organization_id IN (${this.#organizations.map(() => "?").join()})`,
            this.#organizations,
          );
    return found.map((row) => JSON.stringify(row)).toSorted();
  }
}

function isTold(row: string, told: ReadonlyMap<string, number>): boolean {
  const { key, version } = outboxRowSchema.parse(JSON.parse(row));
  return (told.get(key.slice(key.indexOf(":") + 1)) ?? 0) >= version;
}

/** A file that the Worker is just putting away, or taking out again, is looked at once it has done so. */
function looking<Found>(path: string, look: (database: DatabaseSync) => Found): Found {
  const deadline = Date.now() + LOCKED_MS;
  for (;;) {
    try {
      return lookingAtOnce(path, look);
    } catch (error) {
      if (!isBeingMoved(error) || Date.now() > deadline) throw error;
      Atomics.wait(CLOCK, 0, 0, MOVED_MS);
    }
  }
}

function lookingAtOnce<Found>(path: string, look: (database: DatabaseSync) => Found): Found {
  const database = new DatabaseSync(path, { readOnly: true, timeout: LOCKED_MS });
  try {
    return look(database);
  } finally {
    database.close();
  }
}

/** SQLite can't read a log that nobody has opened for writing yet: SQLITE_READONLY, or SQLITE_CANTOPEN. */
function isBeingMoved(error: unknown): boolean {
  const code: unknown = error instanceof Error ? Reflect.get(error, "errcode") : null;
  return typeof code === "number" && [8, 14].includes(code % 256);
}

function rows(database: DatabaseSync, statement: string, bindings: readonly string[] = []) {
  return database.prepare(statement).all(...bindings);
}

/** New rows are in the log beside the file until it is merged into it. `at`: the last write, in epoch milliseconds. */
function stampOf(path: string): { readonly stamp: string; readonly at: number } {
  const stats = [path, `${path}-wal`].map((each) => statSync(each, { throwIfNoEntry: false, bigint: true }));
  return {
    stamp: stats.map((stat) => (stat === undefined ? "" : `${stat.mtimeNs}:${stat.size}`)).join(),
    at: Math.max(...stats.map((stat) => Number(stat?.mtimeMs ?? 0n))),
  };
}
