import { CannotOpen, openCredentials, sealCredentials, type Sealed, type SealingKey } from "#auth/credentials";
import type { Config } from "#config";
import { accepted, refused, type Refusal, type Reply } from "#core/errors";
import type { JsonObject } from "#core/json";
import { forgotten, isSameSchedule } from "#core/schedule";
import { MemoryKeepsakes } from "#sources/memory-keepsakes";
import { announceConnection } from "./announce.ts";
import { sealKeepsakes } from "./keepsake-store.ts";
import { sourceOf } from "./manifest-store.ts";
import { NO_CONNECTION } from "./no-connection.ts";
import { isSame, movesPlaces, readAnew } from "./read-anew.ts";
import type { ConnectionPatch } from "./rpc.ts";
import { settlePlan } from "./schedule-plan.ts";
import { checkSource } from "./source-opening.ts";
import type { Stores } from "./stores.ts";
import type { Surroundings } from "./surroundings.ts";
import { tellOfConnection } from "./tell.ts";

/**
 * Changes a connection. New config or credentials are checked live first; a refusal changes nothing. Whatever is
 * replaced is sealed with the newest key.
 *
 * Keepsakes belong to the credentials and go with them. A new config alone is checked with those that are there, and
 * what the check writes stays even if it refuses: the stored credentials may be spent without it.
 *
 * @param onReplaced called in the transaction that stores other config or credentials: nothing goes on with the old ones
 */
export async function amendConnection(
  stores: Stores,
  worker: Config,
  around: Surroundings,
  patch: ConnectionPatch,
  onReplaced: () => void,
): Promise<Refusal | null> {
  const { id, shortName, config, credentials: sealed } = stores.connection.read();
  const keys = worker.SLUICE_ENCRYPTION_KEYS;
  const obtained = patch.credentials === undefined ? null : new MemoryKeepsakes();
  let source = around.findSource(shortName);
  if (patch.config !== undefined || patch.credentials !== undefined) {
    const opened = patch.credentials === undefined ? await openStored(keys, id, sealed) : accepted(patch.credentials);
    if (!opened.ok) return opened.refusal;
    const credentials = opened.value;
    // The version that the next job will have. An active one keeps its own.
    const newest = await stores.manifest.newest();
    const brought = await sourceOf(newest);
    source = brought ?? source;
    const settings = { shortName, brought, config: patch.config ?? config, credentials };
    const keepsakes = obtained ?? stores.keepsakes.open(keys, id);
    const refusal = await checkSource(settings, worker, keepsakes, around);
    if (refusal !== null) return refusal;
  }
  const resealed = patch.credentials === undefined ? null : await sealCredentials(keys, id, patch.credentials);
  const keepsakes = obtained === null ? null : await sealKeepsakes(keys, id, obtained.values);
  const now = around.now();
  return stores.sql.transaction(() => {
    const stored = stores.connection.read();
    // It may have been deleted while the source was being asked.
    if (stored.deletedAt !== null) return NO_CONNECTION;
    if (obtained !== null) stores.keepsakes.replace(keepsakes);
    const schedule = patch.schedule === undefined ? stored.schedule : patch.schedule;
    stores.connection.write({
      ...stored,
      name: patch.name ?? stored.name,
      description: patch.description === undefined ? stored.description : patch.description,
      config: patch.config ?? stored.config,
      credentials: resealed ?? stored.credentials,
      credentialsChangedAt: resealed === null ? stored.credentialsChangedAt : now,
      schedule,
      isPaused: patch.isPaused ?? stored.isPaused,
      // The same schedule again changes nothing, not even a time that is due at this moment.
      plan: isSameSchedule(schedule, stored.schedule) ? stored.plan : forgotten(stored.plan),
      settings: patch.settings ?? stored.settings,
      modifiedAt: now,
    });
    const newConfig = patch.config ?? stored.config;
    if (movesPlaces(source, stored.config, newConfig)) readAnew(stores, now);
    if (resealed !== null || !isSame(stored.config, newConfig)) onReplaced();
    settlePlan(stores, { now, jitterMs: worker.SCHEDULE_JITTER_SECONDS * 1000 });
    announceConnection(stores);
    tellOfConnection(stores, around, "source_connection.updated");
    return null;
  });
}

/** The credentials that are stored. Without them the source can't be asked, so the caller has to give new ones. */
async function openStored(keys: readonly SealingKey[], id: string, sealed: Sealed): Promise<Reply<JsonObject>> {
  try {
    return accepted(await openCredentials(keys, id, sealed));
  } catch (error) {
    if (error instanceof CannotOpen) return refused({ code: "source_refused", message: error.message });
    throw error;
  }
}
