import { sealCredentials } from "#auth/credentials";
import type { Config } from "#config";
import { refused, type Reply } from "#core/errors";
import { NO_PLAN } from "#core/schedule";
import { MemoryKeepsakes } from "#sources/memory-keepsakes";
import type { Sql } from "#storage/sql";
import { announceConnection } from "./announce.ts";
import type { Connection } from "./connection-store.ts";
import { sealKeepsakes } from "./keepsake-store.ts";
import { sourceOf } from "./manifest-store.ts";
import type { CreateConnection } from "./rpc.ts";
import { settlePlan } from "./schedule-plan.ts";
import { hasSchema, migrate } from "./schema.ts";
import { checkSource } from "./source-opening.ts";
import { openStores, type Outlets, type Stores } from "./stores.ts";
import type { Surroundings } from "./surroundings.ts";
import { tellOfConnection } from "./tell.ts";

/** Characters of a feed's name: enough that two feeds of one id, before and after a loss of storage, differ. */
const FEED_ID_LENGTH = 8;

/**
 * Checks config and credentials live, then gives the object its tables and its identity. Before that, nothing.
 *
 * @returns null where another call has done so in the meantime
 */
export async function createConnection(
  sql: Sql,
  outlets: Outlets,
  worker: Config,
  around: Surroundings,
  input: CreateConnection,
): Promise<Reply<Stores | null>> {
  const obtained = new MemoryKeepsakes();
  const brought = await sourceOf(input.manifest);
  const refusal = await checkSource({ ...input, brought }, worker, obtained, around);
  if (refusal !== null) return refused(refusal);
  const keys = worker.SLUICE_ENCRYPTION_KEYS;
  const credentials = await sealCredentials(keys, input.id, input.credentials);
  const keepsakes = await sealKeepsakes(keys, input.id, obtained.values);
  const now = around.now();
  const connection: Connection = {
    id: input.id,
    organizationId: input.organizationId,
    collectionId: input.collectionId,
    name: input.name,
    description: input.description,
    shortName: input.shortName,
    config: input.config,
    credentials,
    credentialsChangedAt: now,
    schedule: input.schedule,
    isPaused: false,
    plan: NO_PLAN,
    settings: input.settings,
    createdAt: now,
    modifiedAt: now,
    deletedAt: null,
    version: 0,
    feedId: around.newId(now).replaceAll("-", "").slice(-FEED_ID_LENGTH),
  };
  return sql.transaction(() => {
    if (hasSchema(sql)) return { ok: true, value: null };
    migrate(sql);
    const stores = openStores(sql, outlets);
    stores.connection.write(connection);
    stores.keepsakes.replace(keepsakes);
    if (input.manifest !== null) stores.manifest.write(input.manifest);
    settlePlan(stores, { now, jitterMs: worker.SCHEDULE_JITTER_SECONDS * 1000 });
    announceConnection(stores);
    tellOfConnection(stores, around, "source_connection.created");
    return { ok: true, value: stores };
  });
}
