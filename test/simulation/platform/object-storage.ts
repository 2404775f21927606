import type { SqlCursor, SqlHolder, SqlValue } from "#storage/sql";
import type { AlarmHolder } from "#storage/wake-up";
import { ObjectPlace } from "./object-place.ts";
import type { Life } from "./life.ts";
import { MemorySqlite } from "./memory-sqlite.ts";

/** What is left of an object when it is not in memory: its tables and its alarm. */
export class Disk extends ObjectPlace {
  readonly sqlite = new MemorySqlite();

  override keep(): void {
    super.keep();
    this.sqlite.keep();
  }

  override putBack(): void {
    super.putBack();
    this.sqlite.putBack();
  }
}

/** An object's storage as one of its lives sees it. */
export class ObjectStorage implements SqlHolder, AlarmHolder {
  readonly #disk: Disk;
  readonly #life: Life;
  readonly #onAlarmSet: (at: number) => void;

  constructor(disk: Disk, life: Life, onAlarmSet: (at: number) => void = () => undefined) {
    this.#disk = disk;
    this.#life = life;
    this.#onAlarmSet = onAlarmSet;
  }

  readonly sql = {
    exec: (statement: string, ...bindings: SqlValue[]): SqlCursor => {
      this.#life.useStorage();
      const rows = this.#disk.sqlite.all(statement, bindings);
      // What is billed is not simulated.
      const raw = () => rows.map((row) => Object.values(row));
      return Object.assign(rows.values(), { toArray: () => rows, raw, rowsRead: 0, rowsWritten: 0 });
    },
  };

  transactionSync<T>(work: () => T): T {
    this.#life.useStorage();
    return this.#disk.sqlite.transaction(() => this.#disk.commits.during(work));
  }

  async getAlarm(): Promise<number | null> {
    this.#life.useStorage();
    return this.#disk.alarmAt;
  }

  setAlarm(at: number | Date): Promise<void> {
    this.#life.useStorage();
    this.#disk.setAlarm(Number(at));
    this.#onAlarmSet(Number(at));
    return Promise.resolve();
  }

  deleteAlarm(): Promise<void> {
    this.#life.useStorage();
    this.#disk.setAlarm(null);
    return Promise.resolve();
  }

  async deleteAll(): Promise<void> {
    this.#life.useStorage();
    this.#disk.sqlite.clear();
    this.#disk.setAlarm(null);
  }
}
