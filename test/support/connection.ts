import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";

import { Sql } from "#connection/sql";

/** Gives `use` the SQLite of an object that nobody else uses. */
export async function withSql<T>(use: (sql: Sql, storage: DurableObjectStorage) => T | Promise<T>): Promise<T> {
  const stub = env.SOURCE_CONNECTION.getByName(crypto.randomUUID());
  return runInDurableObject(stub, (_object, { storage }) => use(new Sql(storage), storage));
}
