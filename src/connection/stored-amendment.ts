import type { Sealed } from "#auth/credentials";
import type { Refusal } from "#core/errors";
import { forgotten, isSameSchedule } from "#core/schedule";
import type { Source } from "#sources/source";
import { announceConnection } from "./announce.ts";
import { NO_CONNECTION } from "./no-connection.ts";
import { isSame, movesPlaces, readAnew, readOn } from "./read-anew.ts";
import type { ConnectionPatch } from "./rpc.ts";
import { settlePlan } from "./schedule-plan.ts";
import type { Stores } from "./stores.ts";
import type { Surroundings } from "./surroundings.ts";
import { tellOfConnection } from "./tell.ts";

/** A change of a connection that the source has agreed to. */
export interface Amendment {
  readonly patch: Omit<ConnectionPatch, "credentials">;
  /** New credentials and what was obtained with them, sealed; null where the old ones stay. */
  readonly replaced: { readonly credentials: Sealed; readonly keepsakes: Sealed | null } | null;
  /** What reads it from now on. */
  readonly source: Source | null;
  readonly jitterMs: number;
}

/**
 * Stores a change of a connection, whole or not at all.
 *
 * @param onReplaced called as soon as other config or credentials are stored: nothing goes on with the old ones
 */
export function storeAmendment(
  stores: Stores,
  around: Surroundings,
  { patch, replaced, source, jitterMs }: Amendment,
  onReplaced: () => void,
): Refusal | null {
  const now = around.now();
  let isReplaced = false;
  const refusal = stores.sql.transaction(() => {
    const stored = stores.connection.read();
    // It may have been deleted while the source was being asked.
    if (stored.deletedAt !== null) return NO_CONNECTION;
    if (replaced !== null) {
      stores.keepsakes.replace(replaced.keepsakes);
      readOn(stores, now);
    }
    const schedule = patch.schedule === undefined ? stored.schedule : patch.schedule;
    stores.connection.write({
      ...stored,
      name: patch.name ?? stored.name,
      description: patch.description === undefined ? stored.description : patch.description,
      config: patch.config ?? stored.config,
      credentials: replaced?.credentials ?? stored.credentials,
      credentialsChangedAt: replaced === null ? stored.credentialsChangedAt : now,
      schedule,
      isPaused: patch.isPaused ?? stored.isPaused,
      // The same schedule again changes nothing, not even a time that is due at this moment.
      plan: isSameSchedule(schedule, stored.schedule) ? stored.plan : forgotten(stored.plan),
      settings: patch.settings ?? stored.settings,
      modifiedAt: now,
    });
    const newConfig = patch.config ?? stored.config;
    if (movesPlaces(source, stored.config, newConfig)) readAnew(stores, now);
    isReplaced = replaced !== null || !isSame(stored.config, newConfig);
    settlePlan(stores, { now, jitterMs });
    announceConnection(stores);
    tellOfConnection(stores, around, "source_connection.updated");
    return null;
  });
  if (isReplaced) onReplaced();
  return refusal;
}
