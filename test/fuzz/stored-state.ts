import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { z } from "zod";

/** Attempts to deliver go on by themselves, and with them when somebody is to look whether they do; so does tidying. */
const RESTLESS_TABLES: ReadonlySet<string> = new Set(["attempts", "queue", "delivery_looks", "outbox"]);

/** So do what they tell of a receiver, what is remembered of the last tidying, and when that look is planned. */
const RESTLESS_ROWS = /^\{"key":"(?:pruned|lookout)",/;
const RESTLESS_MEMBERS = /\\"(?:recent\\":\\"[sf]*\\"|failingSince\\":(?:null|\d+))/g;

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
 * What D1 has to be told stays in an object's outbox, after D1 has it too, until the object has something else to do. So
 * the rows that are on their way are those that D1 does not have.
 */
const OUTBOX = "outbox";
const TOLD = ["source_connections", "sync_jobs"] as const;
const outboxRowSchema = z.object({ key: z.string(), version: z.number() });
const toldRowSchema = z.object({ id: z.string(), version: z.number() });

interface Read {
  /** Changes with the file; null where it was too fresh to be told from what is written next. */
  readonly stamp: string | null;
  readonly text: string;
  readonly onItsWay: readonly string[];
  /** What an object has for D1. */
  readonly outbox: readonly string[];
  /** What D1 has: versions, by id. */
  readonly told: readonly (readonly [id: string, version: number])[];
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

  /** `text`: every row of every table, so that a difference is a change. `onItsWay`: what is about to change more. */
  look(): { readonly text: string; readonly onItsWay: readonly string[] } {
    const reads = this.#files().map((path) => this.#at(path));
    // The runtime makes a file for whatever is called; one without tables is none of an object that was made.
    const texts = reads.map(({ text }) => text).filter((text) => text !== "");
    const told = new Map(reads.flatMap((read) => read.told));
    const untold = reads.flatMap(({ outbox }) => outbox.filter((row) => !isTold(row, told)));
    return { text: texts.join("\n"), onItsWay: [...reads.flatMap(({ onItsWay }) => onItsWay), ...untold] };
  }

  /** When the next alarm of any object goes off, or should have, in epoch milliseconds. */
  nextAlarmAt(): number {
    const folders = readdirSync(join(this.#directory, "do"));
    const times = folders.flatMap((folder) =>
      looking(join(this.#directory, "do", folder, "metadata.sqlite"), (database) =>
        rows(database, "SELECT min(scheduled_time) / 1000000 AS at FROM _cf_ALARM").map(({ at }) => Number(at)),
      ),
    );
    return Math.min(...times.filter((at) => at > 0));
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
    const names = rows(database, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
      .map(({ name }) => String(name))
      .filter((name) => !name.startsWith("_"));
    const content = new Map(names.map((table) => [table, this.#rowsOf(database, table)]));
    const text = [...content]
      .flatMap(([table, lines]) => (RESTLESS_TABLES.has(table) ? [] : [table, ...restful(lines)]))
      .join("\n");
    const active = content.get("sync_jobs")?.filter((line) => /"(?:PENDING|RUNNING|CANCELLING)"/.test(line)) ?? [];
    const all = (tables: readonly string[]) => tables.flatMap((table) => content.get(table) ?? []);
    return {
      text,
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

/** Without what changes though nobody asks for it. */
function restful(lines: readonly string[]): string[] {
  return lines.filter((line) => !RESTLESS_ROWS.test(line)).map((line) => line.replaceAll(RESTLESS_MEMBERS, ""));
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
