import type { Gate } from "#connection/gate";
import { Refused, type Reply } from "#core/errors";
import type { Job } from "#core/job";
import { connectionIds } from "#records/connection-repository";
import { concurrently } from "./concurrently.ts";

/** The source connections of one collection. */
export interface CollectionScope {
  readonly db: D1Database;
  readonly gate: Gate;
  readonly organizationId: string;
  readonly readableId: string;
}

/** Erases every connection but those erased before, and answers with all ids that are gone. Safe to repeat. */
export async function eraseConnections(scope: CollectionScope, before: ReadonlySet<string>): Promise<Set<string>> {
  const ids = await connectionIds(scope.db, scope.organizationId, scope.readableId);
  const remaining = ids.filter((id) => !before.has(id));
  await concurrently(remaining, async (id) => present(await scope.gate(id).erase(scope.organizationId)));
  return new Set([...before, ...remaining]);
}

/** Starts a job for every connection; one that is active already counts as started. */
export async function refreshConnections(scope: CollectionScope): Promise<Job[]> {
  const ids = await connectionIds(scope.db, scope.organizationId, scope.readableId);
  const jobs = await concurrently(ids, async (id) =>
    present(
      await scope.gate(id).run(scope.organizationId, {
        trigger: "manual",
        forceFullSync: false,
        onConflict: "attach",
        idempotencyKey: null,
        confirmDeletes: false,
      }),
    ),
  );
  return jobs.filter((job) => job !== null);
}

/** D1 follows the objects with a delay: a connection it still lists may be gone already, which is no failure. */
function present<T>(reply: Reply<T>): T | null {
  if (reply.ok) return reply.value;
  if (reply.refusal.code === "not_found") return null;
  throw new Refused(reply.refusal);
}
