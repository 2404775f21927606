import { CannotOpen, openCredentials, sealCredentials, type Sealed, type SealingKey } from "#auth/credentials";
import type { Config } from "#config";
import { accepted, refused, type Refusal, type Reply } from "#core/errors";
import type { JsonObject } from "#core/json";
import { MemoryKeepsakes } from "#sources/memory-keepsakes";
import { sealKeepsakes } from "./keepsake-store.ts";
import { sourceOf } from "./manifest-store.ts";
import type { ConnectionPatch } from "./rpc.ts";
import { storeAmendment } from "./stored-amendment.ts";
import { checkSource } from "./source-opening.ts";
import type { Stores } from "./stores.ts";
import type { Surroundings } from "./surroundings.ts";

/**
 * Changes a connection. New config or credentials are checked live first; a refusal changes nothing. Whatever is
 * replaced is sealed with the newest key.
 *
 * Keepsakes belong to the credentials and go with them. A new config alone is checked with those that are there, and
 * what the check writes stays even if it refuses: the stored credentials may be spent without it.
 *
 * @param onReplaced called as soon as other config or credentials are stored: nothing goes on with the old ones
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
  const jitterMs = worker.SCHEDULE_JITTER_SECONDS * 1000;
  const replaced = resealed === null ? null : { credentials: resealed, keepsakes };
  return storeAmendment(stores, around, { patch, replaced, source, jitterMs }, onReplaced);
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
