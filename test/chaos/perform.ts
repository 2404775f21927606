import { setTimeout as delay } from "node:timers/promises";

import { z } from "zod";

import { seededRandom } from "#sources/internal/seeded-random";
import { entitySchema } from "#http/schemas/copy";
import { jobBodySchema } from "#http/schemas/job";
import { jobLogSchema } from "#http/schemas/job-log";
import { listItemSchema, sourceConnectionSchema } from "#http/schemas/source-connection";
import { hookAnswerSchema } from "#http/schemas/webhook";
import type { Amendment, Step } from "./plan.ts";
import { allOf, configOf, jobIn, type Subject, type Subjects } from "./subject.ts";
import type { Sight } from "./sight.ts";
import type { Answer, Stage } from "./stage.ts";

const jobListSchema = jobBodySchema.array();
const refusalSchema = z.looseObject({ detail: z.string(), job: jobBodySchema.optional() });

/** Does one step of the plan. What the Worker answers may be anything; what it must not be is kept in the ledgers. */
export async function perform(stage: Stage, subjects: Subjects, step: Step): Promise<void> {
  const { upstream, history } = stage;
  switch (step.type) {
    case "edit": {
      const random = seededRandom(step.seed, 0);
      for (let n = 0; n < step.count; n += 1) upstream[step.source].edit(random);
      stage.observe();
      history.add(`${step.source}: ${step.count} edits`);
      return;
    }
    case "recreate":
      upstream.couch.recreate(seededRandom(step.seed, 0));
      stage.observe();
      history.add("couch: a database is created anew");
      return;
    case "fault":
      upstream.spoil(step.source, step.kind, step.ms, step.share);
      history.add(`${step.source}: ${step.kind}, ${step.share * 100} % for ${step.ms} ms`);
      return;
    case "expire":
      upstream.expire(step.source);
      history.add(`${step.source}: credentials expire`);
      return;
    case "renew":
      await renew(stage, subjects[step.source], step.sight);
      return;
    case "run":
      await run(stage, subjects[step.source], step);
      return;
    case "cancel":
      await cancel(stage, subjects[step.source]);
      return;
    case "look":
      await look(stage, subjects[step.source], step.at);
      return;
    case "watch":
      await watch(stage, subjects[step.source]);
      return;
    case "stranger": {
      const { stranger, ledger } = subjects[step.source];
      const findings = await stranger.tryOne(subjects[step.source], seededRandom(step.seed, 0));
      for (const finding of findings) ledger.broke(finding);
      return;
    }
    case "hook":
      await deliver(stage, subjects[step.source], step.delivery);
      return;
    case "pause":
      await pause(stage, subjects[step.source], step);
      return;
    case "amend":
      await Promise.all(step.amendments.map((amendment) => amend(stage, subjects[step.source], amendment)));
      return;
    case "guest":
      await stage.guests.visit(stage, step);
      return;
    case "republish": {
      const answer = await stage.call("POST", `/source-connections/${subjects[step.source].id}/republish`);
      history.add(`${step.source}: republish → ${told(answer)}`);
      return;
    }
    case "reset_stream": {
      const path = `/source-connections/${subjects[step.source].id}/streams/${step.stream}/reset`;
      history.add(`${step.source}: reset of ${step.stream} → ${told(await stage.call("POST", path))}`);
      return;
    }
    case "cron":
      history.add(`cron → ${told(await stage.tick())}`);
      return;
    case "d1":
      history.add(
        `d1: ${step.trouble} for ${step.ms} ms → ${told(await stage.reach("POST", `/d1/${step.trouble}/${step.ms}`))}`,
      );
      return;
    case "receiver":
      refuseDeliveries(stage, step.ms);
      history.add(`receiver: refuses for ${step.ms} ms`);
      return;
    case "misfortune": {
      if (step.misfortune.type === "alarm_lost") stage.hasLostAlarm = true;
      const [first] = allOf(subjects);
      const path =
        step.of === "events" ? `/events/${first?.organizationId ?? ""}` : `/connections/${subjects[step.of].id}`;
      const answer = await stage.reach("POST", path, step.misfortune);
      history.add(`${step.of}: ${JSON.stringify(step.misfortune)} → ${told(answer)}`);
      return;
    }
    case "kill":
      history.add(`killed${step.onNewCode ? "; new code" : ""}${step.withNewKey ? "; a new key" : ""}`);
      await stage.kill();
      if (step.withNewKey) stage.rotateKeys();
      if (step.onNewCode) stage.release();
      await stage.start();
      history.add("started again");
      return;
  }
}

async function run(stage: Stage, subject: Subject, step: Extract<Step, { type: "run" }>): Promise<void> {
  const askedAt = Date.now();
  const endedBefore = subject.ledger.endedNow();
  const query = `on_conflict=${step.onConflict}&force_full_sync=${step.full}`;
  const answer = await stage.call("POST", `/source-connections/${subject.id}/run?${query}`, {
    headers: step.key === null ? {} : { "idempotency-key": step.key },
  });
  const job = jobIn(answer);
  judge(subject, "a run", answer, jobBodySchema);
  const how = `run ${query}${step.key === null ? "" : ` key=${step.key}`}`;
  stage.history.add(`${subject.source}: ${how} → ${told(answer)} ${job?.id ?? ""} ${job?.status ?? ""}`);
  if (job !== null) {
    subject.ledger.saw(job, askedAt, endedBefore);
    subject.ledger.accepted(job.id, how);
    if (step.key !== null) subject.ledger.keyed(step.key, job.id);
    // It was there before: one more comes after it.
    else if (step.onConflict === "queue" && Date.parse(job.created_at) < askedAt) subject.ledger.followed(job.id, how);
  }
  const active = refusalSchema.safeParse(answer?.body).data?.job;
  if (active !== undefined) {
    subject.ledger.saw(active, askedAt, endedBefore);
    subject.ledger.accepted(active.id, `${how}, which was refused because of it`);
  }
}

async function cancel(stage: Stage, subject: Subject): Promise<void> {
  const [newest] =
    jobListSchema.safeParse((await stage.call("GET", `/source-connections/${subject.id}/jobs?limit=1`))?.body).data ??
    [];
  if (newest === undefined) return;
  const askedAt = Date.now();
  const endedBefore = subject.ledger.endedNow();
  const answer = await stage.call("POST", `/source-connections/${subject.id}/jobs/${newest.id}/cancel`);
  const job = jobIn(answer);
  judge(subject, "a cancel", answer, jobBodySchema);
  stage.history.add(
    `${subject.source}: cancel of ${newest.id} (${newest.status}) → ${told(answer)} ${job?.status ?? ""}`,
  );
  if (job === null) return;
  subject.ledger.saw(job, askedAt, endedBefore);
  subject.ledger.cancelled(job.id);
}

async function look(stage: Stage, subject: Subject, at: Extract<Step, { type: "look" }>["at"]): Promise<void> {
  const path = `/source-connections/${subject.id}`;
  const askedAt = Date.now();
  const endedBefore = subject.ledger.endedNow();
  switch (at) {
    case "jobs": {
      const answer = await stage.call("GET", `${path}/jobs?limit=1000`);
      const jobs = judge(subject, "the list of jobs", answer, jobListSchema) ?? [];
      for (const job of jobs) subject.ledger.saw(job, askedAt, endedBefore);
      return;
    }
    case "copy":
      judgeLines(subject, await stage.call("GET", `${path}/entities/export`));
      return;
    case "feed":
      await subject.follower.follow(stage, subject.id);
      return;
    case "connection":
      judge(subject, "the connection", await stage.call("GET", path), sourceConnectionSchema);
      return;
    case "list":
      judge(subject, "the list of connections", await stage.call("GET", "/source-connections"), listItemSchema.array());
      return;
    case "log": {
      const [newest] = jobListSchema.safeParse((await stage.call("GET", `${path}/jobs?limit=1`))?.body).data ?? [];
      if (newest === undefined) return;
      judge(subject, "a job's log", await stage.call("GET", `${path}/jobs/${newest.id}/log?limit=500`), jobLogSchema);
    }
  }
}

async function watch(stage: Stage, subject: Subject): Promise<void> {
  const path = `/source-connections/${subject.id}/jobs`;
  const [newest] = jobListSchema.safeParse((await stage.call("GET", `${path}?limit=1`))?.body).data ?? [];
  if (newest !== undefined) subject.watches.push(stage.watch(`${path}/${newest.id}/events`, newest.id));
}

async function pause(stage: Stage, subject: Subject, step: Extract<Step, { type: "pause" }>): Promise<void> {
  // One at a time: whoever resumes it would end the other's pause too.
  if (pausing.has(subject)) return;
  pausing.add(subject);
  const path = `/source-connections/${subject.id}`;
  const paused = await stage.call("PATCH", path, { body: { is_paused: true } });
  const from = Date.now();
  stage.history.add(`${subject.source}: paused → ${told(paused)}`);
  if (paused?.status === 200) await deliver(stage, subject, step.delivery);
  await delay(step.ms);
  const to = Date.now();
  const resumed = await stage.call("PATCH", path, { body: { is_paused: false } });
  stage.history.add(`${subject.source}: resumed → ${told(resumed)}`);
  if (paused?.status === 200) subject.ledger.paused(from, to);
  pausing.delete(subject);
}

const pausing = new WeakSet<Subject>();

/** @returns what became of it; null where there is no saying */
export async function deliver(stage: Stage, subject: Subject, delivery: string): Promise<string | null> {
  const askedAt = Date.now();
  const wasKnown = subject.ledger.hasDelivered(delivery);
  const answer = await stage.call("POST", subject.hookPath, {
    body: { delivery },
    headers: { "x-delivery": delivery },
  });
  const said = hookAnswerSchema.safeParse(answer?.body).data;
  stage.history.add(`${subject.source}: webhook ${delivery} → ${told(answer)} ${said?.status ?? ""}`);
  if (said !== undefined) subject.ledger.delivered(delivery, said.status, wasKnown);
  if (said === undefined) return null;
  if (said.status !== "duplicate" && said.status !== "filtered")
    subject.ledger.promised(
      `the delivery ${delivery} (${said.status})`,
      askedAt,
      said.status === "started" ? (said.job?.id ?? null) : null,
    );
  return said.status;
}

export async function amend(stage: Stage, subject: Subject, amendment: Amendment): Promise<Answer | null> {
  switch (amendment.type) {
    case "name":
      return patch(stage, subject, amendment, { name: amendment.name }, subject.names.send(amendment.name));
    case "reading": {
      const config = configOf(stage, subject.source, amendment.reading);
      if ("without" in amendment.reading) subject.views.leaveOut(amendment.reading.without);
      return patch(stage, subject, amendment, { config }, subject.readings.send(amendment.reading));
    }
    case "credentials": {
      const credentials = stage.upstream.credentialsOf(subject.source, amendment.sight);
      const isOver = subject.sights.send(amendment.sight);
      subject.views.lookWith(amendment.sight);
      return patch(stage, subject, amendment, { authentication: { credentials } }, isOver);
    }
  }
}

async function patch(
  stage: Stage,
  subject: Subject,
  what: Amendment,
  body: object,
  isOver: (isAccepted: boolean) => void = () => {},
): Promise<Answer | null> {
  const answer = await stage.call("PATCH", `/source-connections/${subject.id}`, { body });
  isOver(answer?.status === 200);
  stage.history.add(`${subject.source}: changed ${JSON.stringify(what)} → ${told(answer)}`);
  return answer;
}

/** Gives the connection other credentials that its source accepts. They show the same, where nothing else is said. */
export function renew(stage: Stage, subject: Subject, sight: Sight = subject.sights.now): Promise<Answer | null> {
  return amend(stage, subject, { type: "credentials", sight });
}

/** Each delivery is refused once at most: it is tried again after five seconds, and then after minutes. */
function refuseDeliveries({ receiver }: Stage, ms: number): void {
  const until = Date.now() + ms;
  receiver.onDelivery = ({ id }, response) => {
    const isFirst = receiver.delivered.filter((other) => other.id === id).length === 1;
    response.writeHead(isFirst && Date.now() < until ? 503 : 200).end();
  };
}

/** Faults excuse that there is no answer; the answer that there is has the shape it is said to have. */
function judge<T>(subject: Subject, what: string, answer: Answer | null, schema: z.ZodType<T>): T | null {
  if (answer === null) return null;
  if (answer.status === 200) {
    const read = schema.safeParse(answer.body);
    if (read.success) return read.data;
  } else if (refusalSchema.safeParse(answer.body).success || isOfRuntime(answer)) {
    return null;
  }
  subject.ledger.broke(`${what} was answered with ${answer.status} and ${answer.text.slice(0, 300)}`);
  return null;
}

/** It ends in the middle where the Worker does. */
function judgeLines(subject: Subject, answer: Answer | null): void {
  if (answer?.status !== 200) {
    judge(subject, "the export", answer, z.never());
    return;
  }
  const whole = answer.text.slice(0, answer.text.lastIndexOf("\n") + 1);
  for (const line of whole.split("\n").slice(0, -1)) entitySchema.parse(JSON.parse(line));
}

/** Where the Worker's own code does not get to answer. */
function isOfRuntime({ status, body }: Answer): boolean {
  return status >= 500 && body === undefined;
}

function told(answer: Answer | null): string {
  if (answer === null) return "no answer";
  return answer.status >= 500 ? `${answer.status} ${answer.text.slice(0, 160)}` : String(answer.status);
}
