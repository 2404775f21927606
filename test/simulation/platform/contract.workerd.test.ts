import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";

import { withSql } from "#test/support/connection";
import { databaseContract, STORAGE_CONTRACT } from "./contract.ts";

describe("an object's storage does what the simulated one does", () => {
  test.each(STORAGE_CONTRACT)("%s", async (_name, clause) => {
    await withSql((_sql, storage) => expect(clause(storage)).resolves.toBeUndefined());
  });
});

describe("D1 does what the simulated one does", () => {
  beforeEach(async () => {
    await env.DB.prepare("DROP TABLE IF EXISTS things").run();
    await env.DB.prepare("CREATE TABLE things (id TEXT PRIMARY KEY, number INTEGER)").run();
  });

  test.each(databaseContract<D1PreparedStatement>())("%s", async (_name, clause) => {
    await expect(clause(env.DB)).resolves.toBeUndefined();
  });
});
