import { expect, test } from "vitest";

import { EntityStore } from "#connection/entity-store";
import { migrate } from "#connection/schema";
import { Sql, type SqlValue } from "#storage/sql";
import { describeCopy } from "#test/support/contracts/copy";
import { withSql } from "#test/support/connection";

/** What one binding, string or row may hold in production (Cloudflare's limits page). Local SQLite allows more. */
const LIMIT_BYTES = 2_000_000;

let largestBinding = 0;

class WeighingSql extends Sql {
  override all(statement: string, ...bindings: SqlValue[]) {
    for (const binding of bindings) weigh(binding);
    return super.all(statement, ...bindings);
  }

  override tuples(statement: string, ...bindings: SqlValue[]) {
    for (const binding of bindings) weigh(binding);
    return super.tuples(statement, ...bindings);
  }

  override each(statement: string, ...bindings: SqlValue[]) {
    for (const binding of bindings) weigh(binding);
    return super.each(statement, ...bindings);
  }
}

function weigh(binding: SqlValue): void {
  const bytes = typeof binding === "string" ? new TextEncoder().encode(binding) : binding;
  if (typeof bytes === "object" && bytes !== null) largestBinding = Math.max(largestBinding, bytes.byteLength);
}

describeCopy("the copy in an object's SQLite", (use) =>
  withSql((_sql, storage) => {
    const sql = new WeighingSql(storage);
    migrate(sql);
    use(new EntityStore(sql));
  }),
);

test("no binding was larger than production allows, though pages were made of the worst there is", () => {
  expect(largestBinding).toBeGreaterThan(1_900_000);
  expect(largestBinding).toBeLessThanOrEqual(LIMIT_BYTES);
});

test("an entity that is changed keeps the change that inserted it, small or too large for a pack", () =>
  withSql((sql) => {
    migrate(sql);
    const store = new EntityStore(sql);
    const texts = [JSON.stringify({ text: "x".repeat(1_000_000) }), "{}"];
    const rows = (isNew: boolean) => texts.map((text, number) => ({ id: `id-${number}`, number, text, isNew }));
    store.write({ stream: 0, jobId: "job-1", at: 1, deletes: [] }, rows(true));
    store.write({ stream: 0, jobId: "job-2", at: 2, deletes: [] }, rows(false));

    const kept = { first_change: 1, last_change: 2 };
    expect(sql.all("SELECT id, first_change, last_change FROM entities")).toEqual([
      { id: "id-0", ...kept },
      { id: "id-1", ...kept },
    ]);
  }));

test("an unchanged find writes nothing, and a write costs a row for each entity and one for the feed", () =>
  withSql((sql) => {
    migrate(sql);
    const store = new EntityStore(sql);
    const ids = Array.from({ length: 1_000 }, (_, index) => `id-${index}`);
    const before = sql.usage().rowsWritten;
    const rows = ids.map((id, number) => ({ id, number, text: "{}", isNew: true }));
    store.write({ stream: 0, jobId: "job-1", at: 1, deletes: [] }, rows);
    const written = sql.usage().rowsWritten;
    store.find(0, ids);
    store.scan(0, null, 1_000);

    expect(written - before).toBe(1_001);
    expect(sql.usage().rowsWritten).toBe(written);
  }));
