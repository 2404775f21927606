import { z } from "zod";

import { isTerminal } from "#core/job";
import type { JobBody } from "#http/schemas/job";
import { seededRandom, wholeNumber, type SeededRandom } from "#sources/internal/seeded-random";
import type { Delivered } from "#test/e2e/webhook-receiver";
import { ask, Broken, until } from "./ask.ts";
import { copyOf, differences, exportCopy, Follower, withoutIds, type Copy } from "./copy-check.ts";
import { complete } from "./run-job.ts";
import { describe, listJobs, untilWithCron } from "./settle.ts";
import { drill } from "./drills/drill.ts";
import { refusedCredentials } from "./drills/refused-credentials.ts";
import { lostAlarm } from "./drills/wait.ts";
import { KEYLESS } from "./plan.ts";
import type { Stage } from "./stage.ts";
import { WATCHED_MS } from "./watch.ts";
import { allOf, type Subject, type Subjects } from "./subject.ts";

/** Edits of a source before a sync that has to find them all. */
const EDITS = 25;

const objectSchema = z.object({
  feed: z.array(z.object({ jobId: z.string(), upserts: z.number(), deletes: z.number() })),
  releases: z.number(),
  untold: z.number(),
  alarmAt: z.number().nullable(),
});

const count = z.number();
const rowSchema = z.object({
  id: z.string(),
  status: z.string(),
  trigger: z.string(),
  sync_mode: z.string(),
  created_at: z.number(),
  started_at: z.number().nullable(),
  completed_at: z.number().nullable(),
  entities_inserted: count,
  entities_updated: count,
  entities_deleted: count,
  entities_kept: count,
  entities_failed: count,
  error: z.string().nullable(),
  error_category: z.string().nullable(),
  wake_at: z.number().nullable(),
});
type Row = z.infer<typeof rowSchema>;
const ROW_FIELDS = rowSchema.keyof().options;

const recordsSchema = z.object({
  jobs: z.array(rowSchema),
  connection: z.object({ name: z.string(), status: z.string(), entity_count: z.number() }).nullable(),
});

const totalsSchema = z.object({ totals: z.array(z.object({ status: z.string(), jobs: z.number() })) });

/**
 * Every promise, held against what is there when all is quiet. Answers with those that were broken, up to the first that
 * was waited for in vain: all that follows would wait for it too.
 */
export async function check(stage: Stage, subjects: Subjects, random: SeededRandom): Promise<readonly string[]> {
  const findings = new Set<string>();
  try {
    await checkAll(stage, subjects, random, (finding) => findings.add(finding));
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    findings.add(error.message);
  }
  stage.leaks.lookIn(stage.stateDirectory);
  const complaints = stage.complaints.map((line) => `nothing went wrong, and the log says: ${line}`);
  return [...findings, ...complaints, ...stage.leaks.found()];
}

async function checkAll(
  stage: Stage,
  subjects: Subjects,
  random: SeededRandom,
  found: (finding: string) => void,
): Promise<void> {
  const all = allOf(subjects);
  const sayOf = (subject: Subject) => (findings: readonly string[]) =>
    findings.forEach((finding) => found(`${subject.source}: ${finding}`));
  // What a round lost has been found by now: from here on each alarm comes.
  stage.hasLostAlarm = false;
  // Side by side: they are of different connections. Each draws from a sequence of its own, so that a seed means the
  // same whoever is faster.
  const seeds = all.map(() => wholeNumber(random, 0, 2 ** 31));
  const looks = all.map(async (subject, index) => {
    const own = seededRandom(seeds[index] ?? 0, 0);
    const say = sayOf(subject);
    // Before the checks themselves make jobs.
    say(subject.ledger.brokenBy(await listJobs(stage, subject)));
    say(await checkCopy(stage, subject, own));
    say(await drill(stage, subject, own));
  });
  await allDone(looks);
  // Cron comes by in this one, which would wake whatever the others look at.
  sayOf(subjects.couch)(await lostAlarm(stage, subjects.couch));
  await refusedCredentials(stage, subjects, random, (subject) => (finding) => sayOf(subject)([finding]));
  for (const subject of all) {
    const say = sayOf(subject);
    say(await checkWatches(stage, subject));
    const jobs = await listJobs(stage, subject);
    say(subject.ledger.brokenBy(jobs));
    say(checkOrder(jobs));
    say(checkDeletes(subject, jobs));
    say(await checkCounts(stage, subject, jobs));
    say(await checkRecords(stage, subject));
    say(await checkReleases(stage, subject));
  }
  (await checkEvents(stage, subjects)).forEach(found);
  (await checkTotals(stage, subjects)).forEach(found);
  for (const subject of all) {
    const [newest] = await listJobs(stage, subject);
    sayOf(subject)(await subject.stranger.tryAll({ id: subject.id, jobId: newest?.id ?? subject.id }));
  }
}

/** Waits for all of them, also where one fails: what it leaves behind would go on beside what follows. */
async function allDone(works: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(works);
  for (const result of results) if (result.status === "rejected") throw result.reason;
}

/** The next sync continues from its cursor and misses nothing; a full one leaves exactly the truth; the feed says so. */
async function checkCopy(stage: Stage, subject: Subject, random: SeededRandom): Promise<readonly string[]> {
  const source = stage.upstream[subject.source];
  const read = async () => withoutIds(await exportCopy(stage, subject.id), KEYLESS);
  const edit = () => {
    for (let n = 0; n < EDITS; n += 1) source.edit(random);
  };
  // It dies on the way, so that pages are read again, and so that what is written one after the other comes apart.
  const die = () =>
    stage.reach("POST", `/connections/${subject.id}`, {
      type: "die",
      commits: wholeNumber(random, 3, 8),
      delayMs: wholeNumber(random, 0, 3),
    });

  edit();
  await die();
  await complete(stage, subject);
  edit();
  const truth = copyOf(source.truth());
  await die();
  const plain = await complete(stage, subject);
  const continued = await read();
  // What an API of times says nothing about are deletes: they show in a full sync.
  const seen = subject.source === "couch" ? continued : onlyKnown(continued, truth);
  const missed = differences(`after a sync that was ${plain.sync_mode}`, seen, truth);

  await die();
  const full = await complete(stage, subject, "?force_full_sync=true");
  const copy = await read();
  // Nothing has changed since, so nothing is written: what is there is kept.
  const again = await complete(stage, subject, "?force_full_sync=true");

  await subject.follower.catchUp(stage, subject.id);
  const fresh = new Follower();
  await fresh.catchUp(stage, subject.id);
  const seenInFull = full.entities_inserted + full.entities_updated + full.entities_kept;
  return [
    ...missed,
    ...(seenInFull === copy.size ? [] : [`a full sync of ${copy.size} entities counted ${seenInFull} of them.`]),
    ...differences("after a full sync", copy, truth),
    ...(again.entities_kept === copy.size &&
    again.entities_inserted + again.entities_updated + again.entities_deleted === 0
      ? []
      : [
          `of ${copy.size} unchanged entities a full sync counted ${countsOf(again)}, and ${again.entities_kept} kept.`,
        ]),
    ...differences("the feed from its beginning", withoutIds(fresh.copy, KEYLESS), copy),
    ...differences("the feed as it was followed", withoutIds(subject.follower.copy, KEYLESS), copy),
  ];
}

function onlyKnown(copy: Copy, truth: Copy): Copy {
  return new Map([...copy].filter(([key]) => truth.has(key)));
}

/** One at a time: a job begins when the one before has ended. */
function checkOrder(jobs: readonly JobBody[]): readonly string[] {
  return jobs.slice(1).flatMap((earlier, index) => {
    const later = jobs[index];
    if (later === undefined || earlier.completed_at === null || earlier.completed_at <= later.created_at) return [];
    return [
      `The job ${later.id} was made at ${later.created_at}, before ${earlier.id} ended at ${earlier.completed_at}.`,
    ];
  });
}

/** Without tombstones a delete takes the proof that only a job without a failure has. */
function checkDeletes({ source }: Subject, jobs: readonly JobBody[]): readonly string[] {
  const unproven = jobs.filter((job) => source !== "couch" && job.status === "FAILED" && job.entities_deleted > 0);
  return unproven.map((job) => `the job ${job.id} failed, and deleted ${job.entities_deleted} entities.`);
}

/** What the jobs counted, what the feed has of each, and what is there, are the same. */
async function checkCounts(stage: Stage, subject: Subject, jobs: readonly JobBody[]): Promise<readonly string[]> {
  const copy = await exportCopy(stage, subject.id);
  const inserted = jobs.reduce((sum, job) => sum + job.entities_inserted - job.entities_deleted, 0);
  const { entities } = await describe(stage, subject);
  const counted = entities?.total_entities ?? 0;
  const { feed } = await objectOf(stage, subject);
  const feedOf = new Map(feed.map((total) => [total.jobId, total]));
  const unequal = jobs.filter((job) => {
    const { upserts, deletes } = feedOf.get(job.id) ?? { upserts: 0, deletes: 0 };
    return job.entities_inserted + job.entities_updated !== upserts || job.entities_deleted !== deletes;
  });
  return [
    ...(inserted === copy.size
      ? []
      : [`all jobs inserted ${inserted} more than they deleted, but there are ${copy.size} entities.`]),
    ...(counted === copy.size ? [] : [`the connection says ${counted} entities, but there are ${copy.size}.`]),
    ...unequal.map(
      (job) =>
        `the job ${job.id} counted ${countsOf(job)}, but the feed has ${JSON.stringify(feedOf.get(job.id))} of it.`,
    ),
    ...jobs.filter((job) => job.entities_failed > 0).map((job) => `the job ${job.id} refused entities that are good.`),
  ];
}

/**
 * D1 comes to say what the object says, and stays with it when what it was told before arrives once more. Where nothing
 * is on its way any more, and nothing set to send it, what it says is wrong for good.
 */
async function checkRecords(stage: Stage, subject: Subject): Promise<readonly string[]> {
  await ask(stage, "POST", "/late", { where: "chaos" });
  let unequal: readonly string[] = [];
  const isEqual = async () => {
    const { untold, alarmAt } = await objectOf(stage, subject);
    const jobs = await listJobs(stage, subject);
    const connection = await describe(stage, subject);
    const records = recordsSchema.parse((await ask(stage, "GET", `/records/${subject.id}`, { where: "chaos" })).body);
    const rows = new Map(records.jobs.map((row) => [row.id, rowText(row)]));
    const shown = new Map(jobs.map((job) => [job.id, rowText(rowOfJob(job))]));
    const own = {
      name: connection.name,
      status: connection.status,
      entity_count: connection.entities?.total_entities ?? 0,
    };
    unequal = [
      ...[...shown]
        .filter(([id, text]) => rows.get(id) !== text)
        .map(([id, text]) => `${text} is ${rows.get(id) ?? "missing"} in D1`),
      ...[...rows.keys()]
        .filter((id) => !shown.has(id))
        .map((id) => `D1 has a job ${id} that the object does not know`),
      ...(JSON.stringify(records.connection) === JSON.stringify(own)
        ? []
        : [`the connection is ${JSON.stringify(own)}, and in D1 ${JSON.stringify(records.connection)}`]),
    ];
    return unequal.length === 0 || (untold === 0 && alarmAt === null);
  };
  await until("D1 agrees with the object", isEqual, () => unequal.slice(0, 3).join("; "));
  return unequal.length === 0 ? [] : [`D1 was told everything, and does not agree: ${unequal.slice(0, 3).join("; ")}`];
}

/** Each release since the first has migrated the object's tables, once. */
async function checkReleases(stage: Stage, subject: Subject): Promise<readonly string[]> {
  const { releases } = await objectOf(stage, subject);
  return releases === stage.releases ? [] : [`${stage.releases} releases came, and ${releases} migrated the tables.`];
}

async function objectOf(stage: Stage, { id }: Subject): Promise<z.infer<typeof objectSchema>> {
  return objectSchema.parse((await ask(stage, "GET", `/connections/${id}`, { where: "chaos" })).body);
}

/** Who watched a job was told of its end, and of nothing that was not so. */
async function checkWatches(stage: Stage, subject: Subject): Promise<readonly string[]> {
  const watches = subject.watches.splice(0);
  await Promise.all(watches.map((watch) => watch.over(WATCHED_MS)));
  const jobs = new Map((await listJobs(stage, subject)).map((job) => [job.id, job]));
  for (const { text } of watches) stage.leaks.look("what somebody was told who watched", text);
  return watches.flatMap((watch) => watch.brokenBy(jobs.get(watch.jobId)));
}

/** Ended jobs are counted once each. */
async function checkTotals(stage: Stage, subjects: Subjects): Promise<readonly string[]> {
  let seen = "";
  let wanted = "";
  await until(
    "D1 counts jobs as they ended",
    async () => {
      const { totals } = totalsSchema.parse((await ask(stage, "GET", "/totals", { where: "chaos" })).body);
      seen = tally(totals.flatMap(({ status, jobs }) => Array<string>(jobs).fill(status)));
      wanted = tally((await jobsOf(stage, subjects)).map(({ status }) => status));
      return seen === wanted;
    },
    () => `It counts ${seen}, and they are ${wanted}.`,
  );
  return [];
}

/** Every transition is delivered, under one id however often, and no other. */
async function checkEvents(stage: Stage, subjects: Subjects): Promise<readonly string[]> {
  const { delivered } = stage.receiver;
  let missing: readonly string[] = [];
  await untilWithCron(
    stage,
    "every transition was delivered",
    async () => {
      const jobs = await jobsOf(stage, subjects);
      const told = new Set(delivered.map(transitionTold));
      missing = jobs.flatMap(transitionsOf).filter((transition) => !told.has(transition));
      return missing.length === 0 && jobs.every(({ status }) => isTerminal(status));
    },
    () => `Missing: ${missing.slice(0, 5).join(", ")}`,
  );

  const told = [...delivered];
  const jobs = await jobsOf(stage, subjects);
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

async function jobsOf(stage: Stage, subjects: Subjects): Promise<readonly JobBody[]> {
  return (await Promise.all(allOf(subjects).map((subject) => listJobs(stage, subject)))).flat();
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

function countsOf(job: JobBody): string {
  const { entities_inserted: inserted, entities_updated: updated, entities_deleted: deleted } = job;
  return JSON.stringify({ inserted, updated, deleted });
}

function rowOfJob(job: JobBody): Row {
  return {
    ...job,
    created_at: Date.parse(job.created_at),
    started_at: momentOf(job.started_at),
    completed_at: momentOf(job.completed_at),
    wake_at: null,
  };
}

function momentOf(time: string | null): number | null {
  return time === null ? null : Date.parse(time);
}

/** What D1 and the object have in common, in one order. */
function rowText(row: Row): string {
  return JSON.stringify(ROW_FIELDS.map((field) => row[field]));
}

function tally(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return JSON.stringify(Object.fromEntries([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1))));
}
