import { until } from "#test/chaos/ask";
import { completed, runToEnd, startJob, untilEnded } from "#test/chaos/run-job";
import type { Stage } from "#test/chaos/stage";
import type { Subject } from "#test/chaos/subject";

/** About as long as a sync takes here: what there is to tell of its end can't be told at once. */
const AWAY_MS = 4_000;

/** What D1 is asked in this time it answers late: after the answer to whoever started the job, which does not wait that long. */
const SLOW_MS = 1_000;

/** The longest that it takes until all is told: the longest pause between two tries, and some time for the sync. */
const TOLD_MS = 75_000;

/** D1 learns of a job's end as soon as it can be told, with nobody asking the object anything. */
export async function d1Away(stage: Stage, subject: Subject): Promise<readonly string[]> {
  const startedAt = Date.now();
  await stage.reach("POST", `/d1/failing/${AWAY_MS}`);
  completed(await runToEnd(stage, subject));
  return toldLate("D1", Date.now() - startedAt);
}

/**
 * By the time that D1 has heard of a job's beginning the job is over, and then D1 fails: what it has heard is not told
 * again, and the rest is not lost with it.
 */
export async function d1SlowThenAway(stage: Stage, subject: Subject): Promise<readonly string[]> {
  const startedAt = Date.now();
  await stage.reach("POST", `/d1/slow/${SLOW_MS}`);
  const { id } = await startJob(stage, subject);
  await stage.reach("POST", `/d1/failing/${AWAY_MS}`);
  completed(await untilEnded(stage, subject, id));
  return toldLate("D1", Date.now() - startedAt);
}

/** What the deliveries did not take is handed over later, with nobody asking the object anything. */
export async function deliveriesAway(stage: Stage, subject: Subject): Promise<readonly string[]> {
  await stage.reach("POST", `/events/${subject.organizationId}`, { type: "away", ms: AWAY_MS });
  const startedAt = Date.now();
  const { id } = completed(await runToEnd(stage, subject));
  const told = () => stage.receiver.delivered.filter(({ payload }) => payload.sync_job_id === id);
  const types = (): Set<string> => new Set(told().map(({ payload }) => payload.event_type));
  await until(
    `all of the job ${id} is told to the receiver`,
    async () => ["sync.pending", "sync.running", "sync.completed"].every((type) => types().has(type)),
    () => `It was told ${[...types()].join(", ")}.`,
  );
  return toldLate("the receiver", Date.now() - startedAt);
}

function toldLate(whom: string, ms: number): readonly string[] {
  return ms <= TOLD_MS ? [] : [`${whom} was back after ${AWAY_MS} ms, and was told ${ms} ms after the beginning.`];
}
