import { isTerminal } from "#core/job";
import type { JobBody } from "#http/schemas/job";
import { allJobs, untilWithCron } from "#test/chaos/settle";
import type { Stage } from "#test/chaos/stage";
import { allOf, type Subjects } from "#test/chaos/subject";
import type { Delivered } from "#test/e2e/webhook-receiver";

/** Every transition is delivered, under one id however often, and no other. */
export async function transitionsAreTold(stage: Stage, subjects: Subjects): Promise<readonly string[]> {
  const { delivered } = stage.receiver;
  let missing: readonly string[] = [];
  await untilWithCron(
    stage,
    "every transition was delivered",
    async () => {
      const jobs = await allJobs(stage, subjects);
      const told = new Set(delivered.map(transitionTold));
      missing = jobs.flatMap(transitionsOf).filter((transition) => !told.has(transition));
      return missing.length === 0 && jobs.every(({ status }) => isTerminal(status));
    },
    () => `Missing: ${missing.slice(0, 5).join(", ")}`,
  );

  const own = new Set(allOf(subjects).map(({ id }) => id));
  // What is told of those that were deleted is looked at where they are.
  const told = delivered.filter(({ payload }) => own.has(payload.source_connection_id ?? ""));
  const jobs = await allJobs(stage, subjects);
  const happened = new Set(jobs.flatMap(transitionsOf));
  const byId = new Map(jobs.map((job) => [job.id, job]));
  const ids = new Map<string, Set<string>>();
  for (const delivery of told) {
    stage.leaks.look("a delivered event", delivery.body);
    const transition = transitionTold(delivery);
    ids.set(transition, (ids.get(transition) ?? new Set()).add(delivery.id));
  }
  return [
    ...[...ids.keys()]
      .filter((transition) => !happened.has(transition))
      .map((transition) => `An event tells what did not happen: ${transition}`),
    ...[...ids].filter(([, names]) => names.size > 1).map(([transition]) => `Two events tell the same: ${transition}`),
    ...told
      .filter(({ payload }) => !isTrueOf(byId.get(payload.sync_job_id ?? ""), payload))
      .map(({ body }) => `An event tells other counts than its job has: ${body}`),
  ];
}

function transitionTold({ payload }: Delivered): string {
  return `${payload.sync_job_id ?? ""} ${payload.event_type}`;
}

/** An event of a job's end has its counts. */
function isTrueOf(job: JobBody | undefined, payload: Delivered["payload"]): boolean {
  if (job === undefined || payload.event_type !== `sync.${job.status.toLowerCase()}`) return true;
  return payload["entities_inserted"] === job.entities_inserted && payload["entities_deleted"] === job.entities_deleted;
}

/** The statuses that a job has had, as events. */
function transitionsOf({ id, status, started_at: startedAt }: JobBody): readonly string[] {
  const statuses = [
    "pending",
    ...(startedAt === null ? [] : ["running"]),
    ...(startedAt !== null && status === "CANCELLED" ? ["cancelling"] : []),
    ...(status === "PENDING" || status === "RUNNING" ? [] : [status.toLowerCase()]),
  ];
  return statuses.map((name) => `${id} sync.${name}`);
}
