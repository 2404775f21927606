import type { Job } from "#core/job";
import type { StoredConnection } from "#test/simulation/stored";

/** Does nothing start by itself: because its owner wants it so, or because its credentials were refused? */
export function isPaused(
  connection: Pick<StoredConnection, "isPaused" | "credentialsChangedAt">,
  newest: Job | undefined,
): boolean {
  return connection.isPaused || isRefused(connection, newest);
}

/** Were the credentials that it has refused, by its newest job's account? */
export function isRefused(
  { credentialsChangedAt }: Pick<StoredConnection, "credentialsChangedAt">,
  newest: Job | undefined,
): boolean {
  if (newest?.status !== "FAILED" || newest.errorCategory !== "api_key_invalid") return false;
  return (newest.completedAt ?? 0) > credentialsChangedAt;
}
