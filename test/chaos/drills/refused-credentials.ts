import { json } from "#test/support/scripted-upstream";
import { wholeNumber, type SeededRandom } from "#sources/internal/seeded-random";
import { ask, until } from "#test/chaos/ask";
import { exportCopy } from "#test/chaos/copy-check";
import { deliver, renew } from "#test/chaos/perform";
import { completed, runToEnd, untilEnded } from "#test/chaos/run-job";
import { describe, listJobs } from "#test/chaos/settle";
import type { Stage } from "#test/chaos/stage";
import { allOf, type Subject, type Subjects } from "#test/chaos/subject";

type Found = (finding: string) => void;

/**
 * Credentials that are refused in the middle of a pass. The job fails for that reason and deletes nothing; nothing starts
 * by itself then, neither by cron nor by a webhook; new credentials bring the job that was asked for meanwhile, and it
 * completes. All connections at once, because cron is everybody's.
 */
export async function refusedCredentials(
  stage: Stage,
  subjects: Subjects,
  random: SeededRandom,
  say: (subject: Subject) => Found,
): Promise<void> {
  const all = allOf(subjects);
  const pages = all.map((subject) => ({ subject, pages: wholeNumber(random, 4, 9) }));
  await Promise.all(pages.map((each) => refuseMidway(stage, each.subject, each.pages, say(each.subject))));
  const before = new Map(
    await Promise.all(all.map(async (subject) => [subject, await newestOf(stage, subject)] as const)),
  );
  await ask(stage, "POST", "/due", { where: "chaos" });
  await stage.tick();
  await Promise.all(
    all.map(async (subject) => {
      const delivery = `held-${random()}`;
      await answers(stage, subject, delivery, "held", say(subject));
      // What was accepted is known to who has forgotten all that is only in memory.
      await stage.reach("POST", `/connections/${subject.id}`, { type: "evict" });
      await answers(stage, subject, delivery, "duplicate", say(subject));
    }),
  );
  await Promise.all(all.map((subject) => renewed(stage, subject, before.get(subject) ?? "", say(subject))));
}

async function answers(stage: Stage, subject: Subject, delivery: string, wanted: string, say: Found): Promise<void> {
  let said: string | null = null;
  await until("a delivery is answered", async () => (said = await deliver(stage, subject, delivery)) !== null);
  if (said !== wanted) say(`credentials were refused, and the delivery ${delivery} is ${said} and not ${wanted}.`);
}

async function refuseMidway(stage: Stage, subject: Subject, pages: number, say: Found): Promise<void> {
  const { source, id } = subject;
  const before = await exportCopy(stage, id);
  let answered = 0;
  const takeBack = stage.upstream.demand({
    source,
    answer: ({ sent }) => {
      answered += 1;
      return answered <= pages ? null : json({ error: `${sent} is not good any more` }, { status: 401 });
    },
  });
  const job = await runToEnd(stage, subject, "?force_full_sync=true").finally(takeBack);
  if (job.status !== "FAILED" || job.error_category !== "api_key_invalid")
    say(`credentials were refused, and the job ended ${job.status} (${job.error_category ?? ""}, ${job.error ?? ""}).`);
  const after = await exportCopy(stage, id);
  const lost = [...before.keys()].filter((key) => !after.has(key));
  if (job.entities_deleted > 0 || lost.length > 0)
    say(
      `credentials were refused, and ${job.entities_deleted} entities deleted, such as ${lost.slice(0, 3).join(" ")}.`,
    );
  const { status, schedule } = await describe(stage, subject);
  if (status !== "needs_reauth") say(`credentials were refused, and the connection is ${status}.`);
  if (schedule?.next_run !== null) say(`credentials were refused, and the schedule goes on at ${schedule?.next_run}.`);
}

async function renewed(stage: Stage, subject: Subject, newestBefore: string, say: Found): Promise<void> {
  const newest = await newestOf(stage, subject);
  if (newest !== newestBefore) say(`the job ${newest} started by itself, though the credentials were refused.`);
  await until(`${subject.source} takes new credentials`, async () => (await renew(stage, subject))?.status === 200);
  let next = newest;
  await until("a delivery that was held starts a job once there are new credentials", async () => {
    next = await newestOf(stage, subject);
    return next !== newest;
  });
  const job = completed(await untilEnded(stage, subject, next));
  if (job.trigger !== "webhook") say(`the job ${job.id} was started by ${job.trigger}, and not by what was held.`);
}

async function newestOf(stage: Stage, subject: Subject): Promise<string> {
  return (await listJobs(stage, subject))[0]?.id ?? "";
}
