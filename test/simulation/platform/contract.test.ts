import { describe, expect, test } from "vitest";

import { databaseContract, STORAGE_CONTRACT } from "./contract.ts";
import { SimulatedDatabase, type PreparedStatement } from "./database.ts";
import { Life } from "./life.ts";
import { MemorySqlite } from "./memory-sqlite.ts";
import { Disk, ObjectStorage } from "./object-storage.ts";

describe("the simulated storage does what an object's does", () => {
  test.each(STORAGE_CONTRACT)("%s", async (_name, clause) => {
    await expect(clause(new ObjectStorage(new Disk(), new Life()))).resolves.toBeUndefined();
  });
});

describe("the simulated D1 does what D1 does", () => {
  test.each(databaseContract<PreparedStatement>())("%s", async (_name, clause) => {
    const sqlite = new MemorySqlite();
    sqlite.all("CREATE TABLE things (id TEXT PRIMARY KEY, number INTEGER)");
    const database = new SimulatedDatabase(sqlite, async (apply) => apply());
    await expect(clause(database)).resolves.toBeUndefined();
  });
});
