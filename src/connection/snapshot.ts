import { connectionStatus, type ConnectionSnapshot } from "#core/connection";
import type { Connection } from "./connection-store.ts";
import type { JobControl } from "./job-control.ts";
import type { Stores } from "./stores.ts";

/** The connection as its owner may see it, at this moment. */
export function snapshot({ connection, jobs, streams }: Stores, control: JobControl): ConnectionSnapshot {
  const stored: Connection = connection.read();
  const newest = jobs.newest();
  return {
    id: stored.id,
    organizationId: stored.organizationId,
    name: stored.name,
    description: stored.description,
    shortName: stored.shortName,
    collectionId: stored.collectionId,
    config: stored.config,
    schedule: stored.schedule,
    isPaused: stored.isPaused,
    plan: stored.plan,
    settings: stored.settings,
    createdAt: stored.createdAt,
    modifiedAt: stored.modifiedAt,
    status: connectionStatus(newest, stored.credentialsChangedAt),
    runs: jobs.runs(),
    lastJob: newest === null ? null : control.live(newest),
    streams: streams.summaries(),
  };
}
