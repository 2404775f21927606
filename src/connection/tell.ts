import { connectionStatus } from "#core/connection";
import { connectionEvent, syncEvent, type ConnectionEventType, type Occurrence } from "#core/event";
import type { Job } from "#core/job";
import type { Stores } from "./stores.ts";
import type { Surroundings } from "./surroundings.ts";

/** Tells subscribers that a job has reached its status. Call in the transaction that gave it that status, once. */
export function tellOfJob(stores: Stores, around: Surroundings, job: Job): void {
  stores.events.add(syncEvent(occurrence(around), stores.connection.read(), job));
  if (needsReauth(stores, job)) tellOfConnection(stores, around, "source_connection.needs_reauth");
}

/** Tells subscribers of the connection. Call in the transaction that makes it true. */
export function tellOfConnection(stores: Stores, around: Surroundings, type: ConnectionEventType): void {
  const connection = stores.connection.read();
  const isAuthenticated = connection.deletedAt === null && !needsReauth(stores, stores.jobs.newest());
  stores.events.add(connectionEvent(occurrence(around), type, connection, isAuthenticated));
}

function needsReauth({ connection }: Stores, job: Job | null): boolean {
  return connectionStatus(job, connection.read().credentialsChangedAt) === "needs_reauth";
}

function occurrence(around: Surroundings): Occurrence {
  const at = around.now();
  return { id: around.newId(at), at, timestamp: new Date(at).toISOString() };
}
