import { json } from "#test/support/scripted-upstream";
import { until } from "#test/chaos/ask";
import { objectOf } from "#test/chaos/object-of";
import { completed, runToEnd, startJob, untilEnded } from "#test/chaos/run-job";
import type { Stage } from "#test/chaos/stage";
import type { Subject } from "#test/chaos/subject";

/** What a source asks for that has no time: longer than anything else that the object sets its alarm for. */
const PAUSE_MS = 12_000;

/** What its source asks for it on. */
const PAUSED = "parcels/_changes";

/** How much later than it may a job goes on, at most: a busy machine is slow, but not as slow as a watchdog. */
const LATE_MS = 8_000;

/** Long enough to lose an alarm in. */
const SHORT_PAUSE_SECONDS = 4;

/** Who asks for a pause gets it, to the moment, and then the job goes on by itself: nobody asks the object anything. */
export async function aWait(stage: Stage, subject: Subject): Promise<readonly string[]> {
  let waitsUntil: number | null = null;
  let early = 0;
  const takeBack = stage.upstream.demand({
    source: subject.source,
    answer: ({ path, sent, now }) => {
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
  if (waitsUntil === null) return [`the job ${job.id} did not ask for ${PAUSED}.`];
  const lateMs = Date.parse(job.completed_at ?? "") - waitsUntil;
  return [
    ...(early === 0 ? [] : [`the source asked for a pause, and was asked ${early} times in it.`]),
    ...(lateMs <= LATE_MS ? [] : [`a wait was over, and the job ${job.id} went on ${lateMs} ms later.`]),
  ];
}

/**
 * Where an alarm gets lost, and nobody comes by, the watchdog notices that a job is overdue. Its object is out of memory:
 * one that knows of its alarm leaves it a minute to come.
 */
export async function lostAlarm(stage: Stage, subject: Subject): Promise<readonly string[]> {
  let isAsked = false;
  const takeBack = stage.upstream.demand({
    source: subject.source,
    answer: () => {
      isAsked = true;
      return json({ error: "later" }, { status: 429, headers: { "retry-after": String(SHORT_PAUSE_SECONDS) } });
    },
  });
  const { id } = await startJob(stage, subject);
  await until(`the job ${id} waits`, async () => isAsked && (await waitsFor(stage, subject)) > 1_000).finally(takeBack);
  await stage.reach("POST", `/connections/${subject.id}`, { type: "alarm_lost" });
  await stage.reach("POST", `/connections/${subject.id}`, { type: "evict" });
  stage.hasLostAlarm = true;
  completed(await untilEnded(stage, subject, id));
  stage.hasLostAlarm = false;
  return [];
}

/** How long the object's alarm is away, without waking it. */
async function waitsFor(stage: Stage, subject: Subject): Promise<number> {
  const { alarmAt } = await objectOf(stage, subject);
  return alarmAt === null ? 0 : alarmAt - Date.now();
}
