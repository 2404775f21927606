import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { MIGRATIONS as CONNECTION } from "#connection/schema";
import { MIGRATIONS as EVENTS } from "#events/schema";
import { readFixtures } from "./fixture-files.ts";
import { parseFixture, type StorageName } from "./fixture-text.ts";

const SOURCES = join(import.meta.dirname, "../../src");

/** The texts of the files in a folder, without those in folders of its own. */
function textsIn(folder: string): string[] {
  const path = join(SOURCES, folder);
  const files = readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map(({ name }) => readFileSync(join(path, name), "utf8"));
}

const NEWEST = readFixtures().map(parseFixture).at(-1);

/** Every statement of these storages of the newest fixture. */
function stored(storages: readonly StorageName[]): string[] {
  return storages.flatMap((storage) => NEWEST?.statements[storage] ?? []);
}

const unique = (names: readonly string[]) => [...new Set(names)].toSorted();

/** What the pattern names in these texts, by its first group. */
function named(pattern: RegExp, texts: readonly string[]): string[] {
  return unique(texts.flatMap((text) => [...text.matchAll(pattern)].map(([, name = ""]) => name)));
}

const TABLE = /^ *CREATE TABLE (\w+)/gm;
const ROW = /^INSERT INTO (\w+) /gm;
const DOCUMENT_ROW = /^INSERT INTO documents VALUES \('(\w+)'/gm;
/** Where code says which document it means. */
const DOCUMENT = /(?:documents\.(?:read|write|remove)\(|^const KEY = )"(\w+)"/gm;

describe("the newest fixture", () => {
  test.each<[string, readonly string[], readonly StorageName[], readonly string[]]>([
    ["connections' objects", CONNECTION, ["connection", "custom", "pass"], ["migrations"]],
    ["deliveries' objects", EVENTS, ["events"], ["migrations"]],
    ["D1", textsIn("records/migrations"), ["d1"], []],
  ])("has a row in each table of %s", (_of, migrations, storages, others) => {
    expect(named(ROW, stored(storages))).toEqual(unique([...named(TABLE, migrations), ...others]));
  });

  /** Documents that the code knows and the scenario can't make, by why. */
  const ABSENT: Readonly<Record<string, string>> = {
    unsigned_feed: "only objects have it that a release before signed cursors made: those of 1 to 7, once opened",
  };

  test.each<[string, readonly string[], readonly StorageName[]]>([
    ["connections'", ["connection", "storage"], ["connection", "custom", "pass"]],
    ["deliveries'", ["events", "storage"], ["events"]],
  ])("has each of the documents that %s objects keep", (_of, folders, storages) => {
    const known = named(DOCUMENT, folders.flatMap(textsIn)).filter((key) => !(key in ABSENT));
    expect(known.length).toBeGreaterThan(2);
    expect(named(DOCUMENT_ROW, stored(storages))).toEqual(known);
  });

  test("stops in the middle of a pass, some of whose marks are in the second chunk", () => {
    const marks = stored(["pass"]).filter((statement) => statement.startsWith("INSERT INTO marks VALUES (0, "));
    expect(marks).toHaveLength(2);
    const [companies] = stored(["pass"]).filter((statement) => statement.includes('"name":"companies"'));
    expect(companies).toContain('"phase":"reading","full":true');
  });
});
