import { expect, test } from "vitest";

import { ConnectionStore } from "#connection/connection-store";
import { Documents } from "#storage/documents";
import { Sql } from "#storage/sql";
import { CouchUpstream } from "#test/support/couch-upstream";
import { TestConnection } from "#test/support/connection";

test("a change whose transaction was undone is not remembered either", async () => {
  new CouchUpstream().install().fill(5);
  const connection = await TestConnection.create({ name: "Before" });
  const names = await connection.storage((storage) => {
    const sql = new Sql(storage);
    const store = new ConnectionStore(sql, new Documents(sql));
    const before = store.read();
    const change = () => {
      store.write({ ...before, name: "After" });
      throw new Error("database or disk is full: SQLITE_FULL");
    };
    expect(() => sql.transaction(change)).toThrow("SQLITE_FULL");
    return [before.name, store.read().name];
  });
  expect(names).toEqual(["Before", "Before"]);
});
