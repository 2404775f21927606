import { expect } from "vitest";

import type { SqlHolder } from "#storage/sql";
import type { AlarmHolder } from "#storage/wake-up";

/** An object's storage, as far as Sluice uses it. */
type Storage = SqlHolder &
  AlarmHolder & {
    getAlarm(): Promise<number | null>;
    deleteAll(): Promise<void>;
  };

interface Statement<Self> {
  bind(...values: (string | number | null)[]): Self;
  all(): Promise<{ readonly results: readonly unknown[] }>;
  run(): Promise<unknown>;
  first(): Promise<unknown>;
}

/** A database, as far as Sluice uses it. */
interface Database<Own extends Statement<Own>> {
  prepare(text: string): Own;
  batch(statements: Own[]): Promise<readonly { readonly results: readonly unknown[] }[]>;
}

type Clause<T> = readonly [string, (subject: T) => Promise<void>];

function fail(): never {
  throw new Error("No.");
}

const TABLE = "CREATE TABLE things (id TEXT PRIMARY KEY, number INTEGER, bits BLOB) WITHOUT ROWID";

/** What the simulated storage must do because the platform's does. */
export const STORAGE_CONTRACT: readonly Clause<Storage>[] = [
  [
    "values come back as they went in, numbers as whole as the column is",
    async ({ sql }) => {
      sql.exec(TABLE);
      sql.exec("INSERT INTO things VALUES (?, ?, ?)", "🚰 ß", 1_795_778_702_506, new Uint8Array([0, 255]).buffer);
      sql.exec("INSERT INTO things VALUES (?, ?, ?)", "b", null, null);
      const [second, first] = sql.exec("SELECT * FROM things ORDER BY id").toArray();

      expect(second).toEqual({ id: "b", number: null, bits: null });
      expect(first).toMatchObject({ id: "🚰 ß", number: 1_795_778_702_506 });
      expect(first?.["bits"]).toBeInstanceOf(ArrayBuffer);
      expect(sql.exec("SELECT typeof(number) AS type FROM things WHERE id <> 'b'").toArray()).toEqual([
        { type: "integer" },
      ]);
    },
  ],
  [
    "several statements run in one call",
    async ({ sql }) => {
      sql.exec(`${TABLE}; -- with a remark
        INSERT INTO things (id) VALUES ('a');`);
      expect(sql.exec("SELECT id FROM things").toArray()).toEqual([{ id: "a" }]);
    },
  ],
  [
    "a transaction that throws leaves nothing, and one inside another takes only itself along",
    async (storage) => {
      storage.sql.exec(TABLE);
      const add = (id: string) => storage.sql.exec("INSERT INTO things (id) VALUES (?)", id);
      storage.transactionSync(() => {
        add("outer");
        expect(() =>
          storage.transactionSync(() => {
            add("inner");
            fail();
          }),
        ).toThrow("No.");
      });
      expect(() =>
        storage.transactionSync(() => {
          storage.transactionSync(() => add("deep"));
          fail();
        }),
      ).toThrow("No.");

      expect(storage.sql.exec("SELECT id FROM things").toArray()).toEqual([{ id: "outer" }]);
    },
  ],
  [
    "rows can be looked at one by one, and left",
    async ({ sql }) => {
      for (const row of sql.exec("SELECT value FROM json_each('[1,2,3]')")) {
        expect(row).toEqual({ value: 1 });
        break;
      }
    },
  ],
  [
    "RETURNING gives what was written, and nothing where nothing was",
    async ({ sql }) => {
      sql.exec(TABLE);
      const insert = "INSERT INTO things (id) VALUES (?) ON CONFLICT DO NOTHING RETURNING id";
      expect(sql.exec(insert, "a").toArray()).toEqual([{ id: "a" }]);
      expect(sql.exec(insert, "a").toArray()).toEqual([]);
    },
  ],
  [
    "JSON is unpacked in order, its texts as texts and its numbers as numbers",
    async ({ sql }) => {
      const rows = sql.exec("SELECT value ->> 0 AS a, value ->> 1 AS b FROM json_each(?)", '[["x",1],["y",2]]');
      expect(rows.toArray()).toEqual([
        { a: "x", b: 1 },
        { a: "y", b: 2 },
      ]);
      expect([...sql.exec("SELECT 'x' AS b, 1 AS a").raw()]).toEqual([["x", 1]]);
    },
  ],
  [
    "a broken statement throws, and so does one with more than a hundred bindings",
    async ({ sql }) => {
      expect(() => sql.exec("SELECT * FROM nowhere")).toThrow("no such table");
      const many = Array.from({ length: 101 }, (_, index) => index);
      expect(() => sql.exec(`SELECT ${many.map(() => "?").join()}`, ...many)).toThrow("too many SQL variables");
    },
  ],
  [
    "there is one alarm: the last one set, until it is deleted",
    async (storage) => {
      const at = Date.now() + 3_600_000;
      expect(await storage.getAlarm()).toBeNull();
      void storage.setAlarm(at);
      void storage.setAlarm(at + 1_000);
      expect(await storage.getAlarm()).toBe(at + 1_000);
      void storage.deleteAlarm();
      expect(await storage.getAlarm()).toBeNull();
    },
  ],
  [
    "emptied, it has neither tables nor an alarm",
    async (storage) => {
      storage.sql.exec(TABLE);
      void storage.setAlarm(Date.now() + 3_600_000);
      await storage.deleteAll();
      expect(storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'things'").toArray()).toEqual([]);
      expect(await storage.getAlarm()).toBeNull();
    },
  ],
];

/** What the simulated D1 must do because the platform's does. The table is the caller's to make: `things`, empty. */
export function databaseContract<Own extends Statement<Own>>(): readonly Clause<Database<Own>>[] {
  return [
    [
      "rows come as objects, and the first alone, or null",
      async (db) => {
        await db.prepare("INSERT INTO things (id, number) VALUES (?, ?)").bind("a", 1).run();
        const select = db.prepare("SELECT id, number FROM things WHERE id = ?");
        expect((await select.bind("a").all()).results).toEqual([{ id: "a", number: 1 }]);
        expect(await select.bind("a").first()).toEqual({ id: "a", number: 1 });
        expect(await select.bind("b").first()).toBeNull();
      },
    ],
    [
      "a batch is whole or not at all",
      async (db) => {
        const insert = db.prepare("INSERT INTO things (id) VALUES (?)");
        await expect(db.batch([insert.bind("a"), insert.bind("a")])).rejects.toThrow("UNIQUE constraint failed");
        expect((await db.prepare("SELECT id FROM things").all()).results).toEqual([]);
        const [, selected] = await db.batch([insert.bind("a"), db.prepare("SELECT id FROM things")]);
        expect(selected?.results).toEqual([{ id: "a" }]);
      },
    ],
    [
      "numbered bindings may be used twice, and rows compared",
      async (db) => {
        await db.prepare("INSERT INTO things (id, number) VALUES (?1, ?2), (?1 || 'b', ?2)").bind("a", 5).run();
        const after = db.prepare("SELECT id FROM things WHERE (number, id) > (?2, ?1) ORDER BY id").bind("a", 5);
        expect((await after.all()).results).toEqual([{ id: "ab" }]);
      },
    ],
  ];
}
