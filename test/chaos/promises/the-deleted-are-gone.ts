import { z } from "zod";

import { ask, until } from "#test/chaos/ask";
import { untilWithCron } from "#test/chaos/settle";
import { answeredTo } from "#test/chaos/caller";
import type { Guest } from "#test/chaos/guests";
import type { Stage } from "#test/chaos/stage";
import type { Subjects } from "#test/chaos/subject";

const remainsSchema = z.object({ tables: z.array(z.string()), alarmAt: z.number().nullable() });

const recordsSchema = z.object({
  jobs: z.array(z.unknown()),
  connection: z.object({ deleted_at: z.number().nullable() }).nullable(),
});

/** Of a connection that was deleted nothing is left: to its owner, in D1, in its object, and in what events tell. */
export async function theDeletedAreGone(stage: Stage, subjects: Subjects): Promise<readonly string[]> {
  const findings: string[] = [];
  for (const guest of stage.guests.take()) {
    await untilEmpty(stage, guest);
    const { jobs, connection } = recordsSchema.parse(
      (await ask(stage, "GET", `/records/${guest.id}`, { where: "chaos" })).body,
    );
    if (jobs.length > 0) findings.push(`${guest.id} is deleted, and ${jobs.length} of its jobs are in D1.`);
    if (connection?.deleted_at === null) findings.push(`${guest.id} is deleted, and D1 does not say so.`);
    findings.push(...(await stillAnswered(subjects, guest)));
    await untilToldOf(stage, guest);
    // Whoever asks for it does not bring anything of it back.
    await untilEmpty(stage, guest);
  }
  return findings;
}

async function untilEmpty(stage: Stage, { id }: Guest): Promise<void> {
  let last = "";
  await until(
    `the object of ${id}, which is deleted, is empty and sleeps`,
    async () => {
      const answer = await ask(stage, "GET", `/remains/${id}`, { where: "chaos" });
      const { tables, alarmAt } = remainsSchema.parse(answer.body);
      last = `It has ${tables.length} tables, and an alarm for ${alarmAt}.`;
      return tables.length === 0 && alarmAt === null;
    },
    () => last,
  );
}

async function stillAnswered({ couch: { owner } }: Subjects, guest: Guest): Promise<readonly string[]> {
  const findings: string[] = [];
  for (const operation of owner.operations.filter(({ path }) => path.includes("/source-connections/{"))) {
    const answer = await owner.call(operation, guest);
    if (answer?.status !== 404) findings.push(answeredTo(`${guest.id} is deleted, and its owner's`, operation, answer));
  }
  return findings;
}

/** What a receiver refused before is told it some time after the object has handed it over, and is empty. */
async function untilToldOf(stage: Stage, guest: Guest): Promise<void> {
  await untilWithCron(
    stage,
    `the jobs of ${guest.id}, which is deleted, were told to their ends`,
    async () => unfinished(stage, guest).length === 0,
    () => unfinished(stage, guest).join(" "),
  );
}

/**
 * Its jobs ended as others do, by what the receiver was told: each status once, and the last one says that it ended. So
 * did the one that was accepted, of which nothing may have been told.
 */
function unfinished(stage: Stage, { id, jobId: accepted }: Guest): readonly string[] {
  const told = new Map<string, string[]>(accepted === id ? [] : [[accepted, []]]);
  for (const { payload } of stage.receiver.of(id)) {
    const jobId = payload.sync_job_id ?? "";
    told.set(jobId, [...(told.get(jobId) ?? []), payload.event_type]);
  }
  return [...told].flatMap(([jobId, types]) => {
    const ends = types.filter((type) => ENDS.has(type));
    const isRight = types.includes("sync.pending") && ends.length === 1 && new Set(types).size === types.length;
    return isRight ? [] : [`${id} is deleted, and of its job ${jobId} was told ${types.join(", ")}.`];
  });
}

const ENDS: ReadonlySet<string> = new Set(["sync.completed", "sync.failed", "sync.cancelled"]);
