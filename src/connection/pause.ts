import { connectionStatus } from "#core/connection";
import type { Stores } from "./stores.ts";

/** Does nothing start by itself: because its owner wants it so, or because its credentials were refused? */
export function isPaused({ connection, jobs }: Pick<Stores, "connection" | "jobs">): boolean {
  const { isPaused: isRequested, credentialsChangedAt } = connection.read();
  return isRequested || connectionStatus(jobs.newest(), credentialsChangedAt) === "needs_reauth";
}
