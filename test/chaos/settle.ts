import { setTimeout as delay } from "node:timers/promises";

import { z } from "zod";

import { isTerminal } from "#core/job";
import { jobBodySchema, type JobBody } from "#http/schemas/job";
import { sourceConnectionSchema } from "#http/schemas/source-connection";
import { webhookSchema } from "#http/schemas/webhook";
import { renew } from "./perform.ts";
import { allOf, jobIn, type Subject, type Subjects } from "./subject.ts";
import type { Answer, Stage } from "./stage.ts";

const LOOK_EVERY_MS = 100;

const CRON_EVERY_MS = 5_000;

/** An object that was put out of memory a moment ago may refuse a call or two. */
const GRACE_MS = 20_000;

/**
 * The longest that anything takes once nothing is in its way: a lost alarm is noticed after a minute, a backoff that
 * grew during a round is shorter, and the machine may be slow.
 */
const PATIENCE_MS = 150_000;

/** A promise that was not kept; its message says which. */
export class Broken extends Error {
  override readonly name = "Broken";
}

/** Ends every fault, and waits until nothing is going on any more. */
export async function settle(stage: Stage, subjects: Subjects): Promise<void> {
  stage.upstream.behave();
  stage.receiver.onDelivery = (_delivery, response) => void response.writeHead(200).end();
  await ask(stage, "POST", "/heal", "chaos");
  stage.history.add("faults are over");
  for (const subject of allOf(subjects)) {
    await until(
      `the source of ${subject.source} takes new credentials`,
      async () => (await renew(stage, subject))?.status === 200,
    );
  }
  await untilQuiet(stage, subjects);
  await ask(stage, "POST", "/late", "chaos");
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
      const active = activeSchema.parse((await ask(stage, "GET", "/active", "chaos")).body);
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

/** Runs a job to its end, with nobody asking for it. Its end is the caller's to judge. */
export async function runToEnd(stage: Stage, subject: Subject, query: string): Promise<JobBody> {
  const started = jobIn(await ask(stage, "POST", `/source-connections/${subject.id}/run${query}`));
  if (started === null) throw new Broken(`${subject.source}: a run of a quiet connection was not answered with a job.`);
  await untilWithCron(
    stage,
    `the job ${started.id} of ${subject.source} has ended`,
    async () => endedSchema.parse((await ask(stage, "GET", `/jobs/${started.id}`, "chaos")).body).isEnded,
    () => "",
  );
  const job = jobBodySchema.parse(
    (await ask(stage, "GET", `/source-connections/${subject.id}/jobs/${started.id}`)).body,
  );
  stage.history.add(
    `${subject.source}: run${query} ended: ${job.status} ${job.sync_mode} ${countsText(job)} ${job.error ?? ""}`,
  );
  return job;
}

const endedSchema = z.object({ isEnded: z.boolean() });

/** Newest first. */
export async function listJobs(stage: Stage, subject: Subject): Promise<JobBody[]> {
  const askedAt = Date.now();
  const endedBefore = subject.ledger.endedNow();
  const jobs: JobBody[] = [];
  for (let cursor = ""; ;) {
    const answer = await ask(stage, "GET", `/source-connections/${subject.id}/jobs?limit=1000${cursor}`);
    const page = jobBodySchema.array().parse(answer.body);
    jobs.push(...page);
    const last = page.at(-1);
    if (last === undefined || page.length < 1000) break;
    cursor = `&cursor=${last.id}`;
  }
  for (const job of jobs) subject.ledger.saw(job, askedAt, endedBefore);
  return jobs;
}

export async function describe(stage: Stage, subject: Subject) {
  return sourceConnectionSchema.parse((await ask(stage, "GET", `/source-connections/${subject.id}`)).body);
}

/** Asks until the answer is 200. That it never is, though nothing is in its way, is a broken promise. */
export async function ask(stage: Stage, method: string, path: string, where: "api" | "chaos" = "api"): Promise<Answer> {
  const deadline = Date.now() + GRACE_MS;
  for (;;) {
    const answer = await (where === "api" ? stage.call(method, path) : stage.reach(method, path));
    if (answer?.status === 200) return answer;
    if (Date.now() > deadline) {
      const said = answer === null ? "not answered" : `answered ${answer.status}: ${answer.text}`;
      throw new Broken(`${method} ${path} was ${said}, though nothing was wrong any more.`);
    }
    await delay(LOOK_EVERY_MS);
  }
}

/** Looks until it is so. That it never is, is a broken promise. */
export async function until(what: string, isSo: () => Promise<boolean>, seen: () => string = () => ""): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Broken(`Waited ${PATIENCE_MS / 1000} s in vain until ${what}. ${seen()}`);
    await delay(LOOK_EVERY_MS);
  }
}

/**
 * The same while cron does its part, with time passing faster. Where no alarm was lost, nothing may depend on it, and it
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

function countsText(job: JobBody): string {
  return `+${job.entities_inserted} ~${job.entities_updated} -${job.entities_deleted} =${job.entities_kept} !${job.entities_failed}`;
}
