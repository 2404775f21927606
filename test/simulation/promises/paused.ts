import type { Job } from "#core/job";
import type { StoredConnection } from "#test/simulation/stored";

/** Does nothing start by itself: because its owner wants it so, or because its credentials were refused? */
export function isPaused(
  connection: Pick<StoredConnection, "isPaused" | "credentialsChangedAt">,
  newest: Job | undefined,
): boolean {
  const isRefused = newest?.status === "FAILED" && newest.errorCategory === "api_key_invalid";
  return connection.isPaused || (isRefused && (newest.completedAt ?? 0) > connection.credentialsChangedAt);
}
