import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { MIGRATIONS as CONNECTION } from "#connection/schema";
import { MIGRATIONS as EVENTS } from "#events/schema";

const FOLDER = join(import.meta.dirname, "../../src/records/migrations");

/** Of the statements alone: remarks may be mended. */
function digestOf(statements: string): string {
  const plain = statements.replaceAll(/--.*$/gm, "").replaceAll(/\s+/g, " ").trim();
  return createHash("sha256").update(plain).digest("hex").slice(0, 12);
}

/** A released migration has run somewhere and will not run there again: it is never edited, only followed by another. */
const RELEASED = {
  connection: ["a4ee8f606eda", "0c2ecef63df4", "d9ec9af6f1d2", "f1b333fd63e6", "debf5bdb3759"],
  events: ["87df2d5c0809", "c65f82b98ce1"],
  d1: [
    "1514f7f6fe0b",
    "2de02ce7df5b",
    "897b16cd87bf",
    "d907f7137ef1",
    "f52639524f1a",
    "8ae4fe4b0cbc",
    "c7ca24da07db",
    "3a7193691a36",
  ],
};

const D1 = readdirSync(FOLDER)
  .toSorted()
  .map((file) => readFileSync(join(FOLDER, file), "utf8"));

test.each([
  ["connections' objects", CONNECTION, RELEASED.connection],
  ["deliveries' objects", EVENTS, RELEASED.events],
  ["D1", D1, RELEASED.d1],
])("migrations of %s are those that were released, and each new one is entered here", (_of, migrations, released) => {
  expect(migrations.map(digestOf)).toEqual(released);
});
