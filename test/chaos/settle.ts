import { z } from "zod";

import { isTerminal } from "#core/job";
import { jobBodySchema, type JobBody } from "#http/schemas/job";
import { sourceConnectionSchema } from "#http/schemas/source-connection";
import { webhookSchema } from "#http/schemas/webhook";
import { ask, until } from "./ask.ts";
import { amend, renew } from "./perform.ts";
import { allOf, allOfIt, type Subject, type Subjects } from "./subject.ts";
import type { Answer, Stage } from "./stage.ts";

const CRON_EVERY_MS = 5_000;

/** Ends every fault, and waits until nothing is going on any more. */
export async function settle(stage: Stage, subjects: Subjects): Promise<void> {
  stage.upstream.behave();
  stage.receiver.onDelivery = (_delivery, response) => void response.writeHead(200).end();
  await ask(stage, "POST", "/heal", { where: "chaos" });
  stage.history.add("faults are over");
  for (const subject of allOf(subjects)) {
    await until(
      `the source of ${subject.source} takes new credentials`,
      async () => (await renew(stage, subject))?.status === 200,
    );
    await until(`${subject.source} goes on`, async () => (await resume(stage, subject))?.status === 200);
  }
  await untilQuiet(stage, subjects);
  await stage.guests.leave(stage);
  await ask(stage, "POST", "/late", { where: "chaos" });
  stage.isQuiet = true;
}

/**
 * A database that is not read stays as it was, so in the end both are. What another source leaves out is gone: there the
 * last that was asked for stays.
 */
export async function readAll(stage: Stage, subject: Subject): Promise<void> {
  if (subject.source !== "couch") return;
  await until(`${subject.source} is told to read all of it`, async () => {
    const answer = await amend(stage, subject, { type: "reading", reading: allOfIt(subject.source) });
    return answer?.status === 200;
  });
}

/** In case that the step that paused it died before it could. */
function resume(stage: Stage, { id }: Subject): Promise<Answer | null> {
  return stage.call("PATCH", `/source-connections/${id}`, { body: { is_paused: false } });
}

const activeSchema = z.object({ jobs: z.number(), waiting: z.number() });

/**
 * No job is active, and none is about to begin. Looks at D1, until that says so: whoever asks an object wakes it, and an
 * accepted job has to end with nobody asking.
 */
async function untilQuiet(stage: Stage, subjects: Subjects): Promise<void> {
  let last = "";
  await untilWithCron(
    stage,
    "all is quiet",
    async () => {
      const active = activeSchema.parse((await ask(stage, "GET", "/active", { where: "chaos" })).body);
      last = `By D1's account there are ${active.jobs} jobs, and ${active.waiting} connections wait for one.`;
      if (active.jobs > 0 || active.waiting > 0) return false;
      for (const subject of allOf(subjects)) {
        const [newest] = await listJobs(stage, subject);
        const hook = webhookSchema.parse((await ask(stage, "GET", `/source-connections/${subject.id}/webhook`)).body);
        last = `${subject.source}: ${JSON.stringify(newest)}, waiting until ${hook.waiting_until ?? "nothing"}`;
        if ((newest !== undefined && !isTerminal(newest.status)) || hook.waiting_until !== null) return false;
      }
      return true;
    },
    () => last,
  );
}

/** Newest first. */
export async function listJobs(stage: Stage, subject: Subject): Promise<JobBody[]> {
  const askedAt = Date.now();
  const endedBefore = subject.ledger.endedNow();
  const jobs: JobBody[] = [];
  for (let cursor = ""; ;) {
    const answer = await ask(stage, "GET", `/source-connections/${subject.id}/jobs?limit=1000${cursor}`);
    const page = jobBodySchema.array().parse(answer.body);
    jobs.push(...page);
    const next = answer.headers.get("x-next-cursor");
    if (next === null) break;
    cursor = `&cursor=${encodeURIComponent(next)}`;
  }
  for (const job of jobs) subject.ledger.saw(job, askedAt, endedBefore);
  return jobs;
}

/** Of all connections. */
export async function allJobs(stage: Stage, subjects: Subjects): Promise<readonly JobBody[]> {
  return (await Promise.all(allOf(subjects).map((subject) => listJobs(stage, subject)))).flat();
}

export async function describe(stage: Stage, subject: Subject) {
  return sourceConnectionSchema.parse((await ask(stage, "GET", `/source-connections/${subject.id}`)).body);
}

/**
 * Looks until it is so, while cron does its part, with time passing faster. Where no alarm was lost, nothing may depend on it, and it
 * does nothing.
 */
export async function untilWithCron(
  stage: Stage,
  what: string,
  isSo: () => Promise<boolean>,
  seen: () => string,
): Promise<void> {
  let tickAt = Date.now() + CRON_EVERY_MS;
  await until(
    what,
    async () => {
      if (stage.hasLostAlarm && Date.now() >= tickAt) {
        tickAt = Date.now() + CRON_EVERY_MS;
        stage.history.add(`cron, waiting until ${what}`);
        // The watchdog leaves an alarm that is late some minutes to come by itself.
        await stage.reach("POST", "/minutes/5");
        await stage.tick();
      }
      return isSo();
    },
    seen,
  );
}
