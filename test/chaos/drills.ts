import { begin, json, type Answer } from "#test/support/scripted-upstream";
import { wholeNumber, type SeededRandom } from "#sources/internal/seeded-random";
import { answered, ask } from "./ask.ts";
import { LONGEST_TRANSACTION } from "./crm-world.ts";
import { cancelWithoutToken, deathWithNewToken, movingPages, usedOnce } from "./desk-drills.ts";
import { complete, completed, runToEnd, startJob, untilEnded } from "./run-job.ts";
import type { Stage } from "./stage.ts";
import type { Subject } from "./subject.ts";

// Weather makes everything happen, and so it hides things: a job that nobody wakes is woken by whoever comes by. Each
// of these makes one thing happen to a connection that is quiet, where nothing else would mend it.

/** What a source asks for that has no time: longer than anything else that the object sets its alarm for. */
const PAUSE_MS = 12_000;

/** The stream whose source asks for it. */
const PAUSED = "products";

/** How much later than it may a job goes on, at most: a busy machine is slow, but not as slow as a watchdog. */
const LATE_MS = 8_000;

/** The longest that a cancel takes: the promise's second and what a busy machine adds, less than a request may take. */
const CANCEL_MS = 2_000;

/** Fewer, and the guard leaves a stream alone. */
const GUARDED = 100;

type Drill = (stage: Stage, subject: Subject, random: SeededRandom) => Promise<readonly string[]>;

const DRILLS: Readonly<Record<Subject["source"], readonly Drill[]>> = {
  couch: [repeatedKey, deathOnTheWay, aCancel, refusedOutright],
  crm: [repeatedKey, aWait, lateCommits, aCancel, refusedOutright, forgetfulSource],
  desk: [repeatedKey, movingPages, aCancel, refusedOutright, deathWithNewToken, cancelWithoutToken, usedOnce],
};

/** Answers with the promises that were broken. */
export async function drill(stage: Stage, subject: Subject, random: SeededRandom): Promise<readonly string[]> {
  const findings: string[] = [];
  // What a round lost has been found by now: from here on each alarm comes.
  stage.hasLostAlarm = false;
  for (const each of DRILLS[subject.source]) {
    stage.history.add(`${subject.source}: ${each.name}`);
    findings.push(...(await each(stage, subject, random)));
  }
  return findings;
}

/** The same key is the same job, also after its end, and after a death of who remembers it. */
async function repeatedKey(stage: Stage, subject: Subject, random: SeededRandom): Promise<readonly string[]> {
  const key = `again-${random()}`;
  const { id } = await startJob(stage, subject, "", key);
  const pending = await startJob(stage, subject, "", key);
  completed(await untilEnded(stage, subject, id));
  await stage.reach("POST", `/connections/${subject.id}`, { type: "evict" });
  const ended = await startJob(stage, subject, "", key);
  if (ended.id !== pending.id) completed(await untilEnded(stage, subject, ended.id));
  return [pending, ended].flatMap((job) => (job.id === id ? [] : [`the key of ${id} started ${job.id} as well.`]));
}

/** Who asks for a pause gets it, to the moment, and then the job goes on by itself: nobody asks the object anything. */
async function aWait(stage: Stage, subject: Subject): Promise<readonly string[]> {
  let waitsUntil: number | null = null;
  let early = 0;
  const takeBack = stage.upstream.demand({
    source: subject.source,
    isFor: () => true,
    answer: (path, sent, now) => {
      if (waitsUntil !== null) {
        if (path === PAUSED && now < waitsUntil) early += 1;
        return null;
      }
      if (path !== PAUSED) return null;
      waitsUntil = now + PAUSE_MS;
      const headers = { "retry-after": String(PAUSE_MS / 1000) };
      return json({ error: `Not so fast, ${sent}` }, { status: 429, headers });
    },
  });
  const job = completed(await runToEnd(stage, subject).finally(takeBack));
  if (waitsUntil === null) return [`the job ${job.id} asked for no ${PAUSED}.`];
  const lateMs = Date.parse(job.completed_at ?? "") - waitsUntil;
  return [
    ...(early === 0 ? [] : [`the source asked for a pause, and was asked ${early} times in it.`]),
    ...(lateMs <= LATE_MS ? [] : [`a wait was over, and the job ${job.id} went on ${lateMs} ms later.`]),
  ];
}

/** What is committed late has a time that a cursor has passed. */
async function lateCommits(stage: Stage, subject: Subject, random: SeededRandom): Promise<readonly string[]> {
  const { crm } = stage.upstream;
  crm.commit(random, 0);
  await complete(stage, subject);
  const ids = Array.from({ length: LONGEST_TRANSACTION }, (_, late) => crm.commit(random, late + 1));
  await complete(stage, subject);
  const missing: string[] = [];
  for (const id of ids) {
    const path = `/source-connections/${subject.id}/entities/customers/${id}`;
    const answer = await answered(
      path,
      () => stage.call("GET", path),
      ({ status }) => status === 200 || status === 404,
    );
    if (answer.status === 404) missing.push(id);
  }
  return missing.length === 0 ? [] : [`a sync from the cursor missed what was committed late: ${missing.join(", ")}.`];
}

/** A job that dies goes on at its page: of what was read before, no more is read again than was under way. */
async function deathOnTheWay(stage: Stage, subject: Subject, random: SeededRandom): Promise<readonly string[]> {
  const { seen } = stage.upstream;
  const from = seen[subject.source].length;
  const { id } = await startJob(stage, subject, "?force_full_sync=true");
  // Far enough that whoever began anew would be noticed.
  const commits = wholeNumber(random, 24, 30);
  await stage.reach("POST", `/connections/${subject.id}`, { type: "die", commits, delayMs: 0 });
  completed(await untilEnded(stage, subject, id));
  const pages = seen[subject.source].slice(from).filter((address) => address.includes("_changes"));
  const again = pages.length - new Set(pages).size;
  const streams = new Set(pages.map((address) => address.split("/")[0])).size;
  // Of each stream one page that was not committed, and one that was on its way behind it.
  return again <= 2 * streams ? [] : [`a job that died once read ${again} of ${pages.length} pages again.`];
}

/** A cancel is prompt, whatever the source does, and final. */
async function aCancel(stage: Stage, subject: Subject): Promise<readonly string[]> {
  const { promise: arrived, resolve } = Promise.withResolvers<void>();
  const takeBack = stage.upstream.demand({
    source: subject.source,
    isFor: () => true,
    answer: () => {
      resolve();
      return begin("{", "stall", { headers: { "content-type": "application/json" } });
    },
  });
  try {
    const { id } = await startJob(stage, subject);
    await arrived;
    const cancelledAt = Date.now();
    const path = `/source-connections/${subject.id}/jobs/${id}`;
    const answer = await ask(stage, "POST", `${path}/cancel`);
    const job = await untilEnded(stage, subject, id);
    const ms = Date.parse(job.completed_at ?? "") - cancelledAt;
    return [
      ...(job.status === "CANCELLED" ? [] : [`a job that was being cancelled (${id}) ended ${job.status}.`]),
      ...(ms <= CANCEL_MS ? [] : [`a cancel of a job whose source hangs took ${ms} ms: ${answer.text}`]),
    ];
  } finally {
    takeBack();
  }
}

/** A source that says back what it was sent, when it refuses for good. The job says what was said, but for that. */
async function refusedOutright(stage: Stage, subject: Subject): Promise<readonly string[]> {
  const takeBack = stage.upstream.demand({
    source: subject.source,
    isFor: () => true,
    answer: (_path, sent): Answer =>
      json(
        { error: "bad_request", message: `I do not understand "${sent}".` },
        { status: 400, headers: { "x-sent": sent } },
      ),
  });
  const job = await runToEnd(stage, subject).finally(takeBack);
  const isTold = job.status === "FAILED" && job.error?.includes("I do not understand") === true;
  return isTold ? [] : [`a refusal was told as ${job.status}: ${job.error ?? ""}`];
}

/** A source that lists a third of what it has is not believed. */
async function forgetfulSource(stage: Stage, subject: Subject): Promise<readonly string[]> {
  const { crm } = stage.upstream;
  await complete(stage, subject, "?force_full_sync=true");
  if (crm.tagCount < GUARDED) return [];
  crm.isForgetful = true;
  const job = await runToEnd(stage, subject, "?force_full_sync=true").finally(() => (crm.isForgetful = false));
  const isHeldBack = job.status === "FAILED" && job.error_category === "deletes_held_back";
  if (!isHeldBack) return [`a source that forgot most of its tags was believed: ${job.status}, ${job.error ?? ""}`];
  return job.entities_deleted === 0 ? [] : [`a job that was held back deleted ${job.entities_deleted}.`];
}
