import type { Job } from "#core/job";
import type { StoredConnection } from "#test/simulation/stored";
import type { ProjectedConnection, ProjectedJob, View } from "#test/simulation/view";
import { earliestOf } from "./due-times-fire-once.ts";
import { hasEnded } from "./ended.ts";
import { isPaused, isRefused } from "./paused.ts";
import { LastLook, type WatchedPromise } from "./promise.ts";

/** D1 never goes back, is never wrong about a version that it has, and what it lacks waits in the outbox. */
export class ProjectionFollows implements WatchedPromise {
  readonly #versions = new Map<string, number>();
  readonly #last = new LastLook();

  breaches(view: View): string[] {
    const { connection, jobs, projectedJobs, projectedConnection, outbox, totals } = view;
    const { waiting } = view;
    if (this.#last.isSame(connection, jobs, projectedJobs, projectedConnection, outbox, totals?.counted, waiting))
      return [];
    const breaches: string[] = [];
    const told = (key: string, projected: { readonly version: number } | null): void => {
      const before = this.#versions.get(key) ?? 0;
      const version = projected?.version ?? before;
      if (version < before) breaches.push(`D1 went back from version ${before} of ${key} to ${version}.`);
      this.#versions.set(key, version);
    };
    for (const [id, projected] of projectedJobs) told(`job:${id}`, projected);
    told("connection", projectedConnection);
    if (totals !== null && totals.counted !== totals.ended) {
      breaches.push(`D1 knows ${totals.ended} jobs that have ended and has counted ${totals.counted}.`);
    }
    if (connection === null) return breaches;
    if (
      projectedConnection?.version !== connection.version &&
      outboxVersion(outbox, "connection") !== connection.version
    ) {
      breaches.push(`Nobody is going to tell D1 of version ${connection.version} of the connection.`);
    }
    if (projectedConnection?.version === connection.version) {
      breaches.push(...misstated(projectedConnection, connection, jobs, view.now));
      breaches.push(...miscounted(projectedConnection, view));
      // When exactly is put off with each delivery, and D1 is told of that once in a while.
      const isAwaited = view.waiting !== null && connection.deletedAt === null && !isPaused(connection, jobs.at(-1));
      if (isAwaited && jobs.at(-1)?.status !== "PENDING" && projectedConnection.wakeAt === null) {
        breaches.push("Deliveries wait for a run, and by D1's account none does.");
      }
    }
    if (connection.deletedAt !== null) return breaches;
    for (const job of jobs) {
      const projected = projectedJobs.get(job.id);
      if (projected?.version === job.version) breaches.push(...differences(job, projected));
      else if (outbox.get(`job:${job.id}`) !== job.version) {
        breaches.push(`Nobody is going to tell D1 of version ${job.version} of job ${job.id}.`);
      }
    }
    return breaches;
  }
}

/** How long the sweep leaves alone whoever failed when it was called. */
const PUT_OFF_MS = 300_000;

/** Has the sweep called it at its due time, and been told nothing but a fault? */
function isPutOff(said: number | null, dueAt: number | null, now: number): boolean {
  return said !== null && dueAt !== null && dueAt <= now && said > dueAt && said <= now + PUT_OFF_MS;
}

/** What D1 has of the connection at its own version. */
function misstated(
  { deletedAt, nextRunAt, isPaused: isHeld, status }: ProjectedConnection,
  connection: StoredConnection,
  jobs: readonly Job[],
  now: number,
): string[] {
  const newest = jobs.at(-1);
  const dueAt = connection.deletedAt === null ? earliestOf(connection.plan) : null;
  // D1 hears of a run when it begins to read: until then the connection looks as it did, or as if nothing had been.
  const isPending = newest?.status === "PENDING";
  const looks = isPending ? ["active", statusOf(connection, jobs.at(-2))] : [statusOf(connection, newest)];
  const compared: readonly (readonly [string, unknown, unknown])[] = [
    ["is deleted at", deletedAt, connection.deletedAt],
    ["is due at", isPutOff(nextRunAt, dueAt, now) ? dueAt : nextRunAt, dueAt],
    ["is paused", isHeld, connection.isPaused],
    ["has the status", status, looks.find((look) => look === status) ?? looks[0]],
  ];
  return compared.flatMap(([what, said, wanted]) =>
    said === wanted ? [] : [`By D1's account the connection ${what} ${String(said)}; it is ${String(wanted)}.`],
  );
}

/** What a job that reads has changed is told when it ends. */
function miscounted({ entityCount }: ProjectedConnection, { connection, jobs, streams }: View): string[] {
  const newest = jobs.at(-1);
  if (connection?.deletedAt !== null || newest?.status === "RUNNING" || newest?.status === "CANCELLING") return [];
  const count = streams.reduce((total, stream) => total + stream.count, 0);
  return count === entityCount ? [] : [`By D1's account the connection has ${entityCount} entities; it has ${count}.`];
}

/** How a connection looks whose newest job is not pending. */
function statusOf(connection: StoredConnection, newest: Job | undefined): string {
  if (newest === undefined || newest.status === "COMPLETED" || newest.status === "CANCELLED") return "active";
  if (!hasEnded(newest.status)) return "syncing";
  if (newest.errorCategory !== "api_key_invalid") return "error";
  // Credentials that were replaced since have not failed yet.
  return isRefused(connection, newest) ? "needs_reauth" : "active";
}

function outboxVersion(outbox: ReadonlyMap<string, number>, kind: string): number | undefined {
  for (const [key, version] of outbox) if (key.startsWith(`${kind}:`)) return version;
  return undefined;
}

function differences(job: Job, projected: ProjectedJob): string[] {
  const { status, startedAt, completedAt, wakeAt, error, errorCategory, counts } = job;
  const wanted = { status, startedAt, completedAt, wakeAt, error, errorCategory, ...counts };
  const told = { ...projected, ...projected.counts };
  return COMPARED.flatMap((key) =>
    told[key] === wanted[key] ? [] : [`D1 has ${key} ${told[key]} of job ${job.id}; it is ${wanted[key]}.`],
  );
}

const COMPARED = [
  "status",
  "startedAt",
  "completedAt",
  "wakeAt",
  "error",
  "errorCategory",
  "inserted",
  "updated",
  "deleted",
  "kept",
  "failed",
] as const;
