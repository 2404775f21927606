import type { Connection } from "#connection/connection-store";
import { NO_PLAN } from "#core/schedule";
import type { Manner } from "#test/support/moving-upstream";
import { DELETE_GUARD, ORGANIZATION, SCHEDULE } from "./setting.ts";

/** A connection as it is stored when a history begins with its first sync. */
export function newConnection(
  id: string,
  manner: Manner,
  now: number,
  credentials: Connection["credentials"],
): Connection {
  return {
    id,
    organizationId: ORGANIZATION,
    collectionId: "default",
    name: "Simulated",
    description: null,
    shortName: "simulated",
    config: {},
    credentials,
    credentialsChangedAt: now,
    schedule: { ...SCHEDULE, full_sync_cron: manner === "listing" ? null : SCHEDULE.full_sync_cron },
    isPaused: false,
    plan: NO_PLAN,
    settings: { delete_guard_min_entities: DELETE_GUARD.minEntities },
    createdAt: now,
    modifiedAt: now,
    deletedAt: null,
    version: 0,
    feedId: "feed",
  };
}
