import { seededRandom, wholeNumber, type SeededRandom } from "#sources/internal/seeded-random";
import { Broken } from "./ask.ts";
import { drill } from "./drills/drill.ts";
import { refusedCredentials } from "./drills/refused-credentials.ts";
import { lostAlarm } from "./drills/wait.ts";
import { copyIsTheTruth } from "./promises/copy-is-the-truth.ts";
import { countsAreExact } from "./promises/counts-are-exact.ts";
import { deletesHaveProof } from "./promises/deletes-have-proof.ts";
import { deletesWereTrue } from "./promises/deletes-were-true.ts";
import { endedJobsAreCountedOnce } from "./promises/ended-jobs-are-counted-once.ts";
import { newestAmendmentsHold } from "./promises/newest-amendments-hold.ts";
import { oldKeysSealNothing } from "./promises/old-keys-seal-nothing.ts";
import { oneJobAtATime } from "./promises/one-job-at-a-time.ts";
import { recordsFollow } from "./promises/records-follow.ts";
import { releasesMigrateOnce } from "./promises/releases-migrate-once.ts";
import { theDeletedAreGone } from "./promises/the-deleted-are-gone.ts";
import { transitionsAreTold } from "./promises/transitions-are-told.ts";
import { watchersAreTold } from "./promises/watchers-are-told.ts";
import { listJobs, readAll } from "./settle.ts";
import type { Stage } from "./stage.ts";
import { allOf, type Subject, type Subjects } from "./subject.ts";

/**
 * Every promise, held against what is there when all is quiet. Answers with those that were broken, up to the first that
 * was waited for in vain: all that follows would wait for it too.
 *
 * @param since when the weather began, in epoch milliseconds
 */
export async function check(
  stage: Stage,
  subjects: Subjects,
  random: SeededRandom,
  since: number,
): Promise<readonly string[]> {
  const findings = new Set<string>();
  try {
    await checkAll(stage, subjects, random, since, (finding) => findings.add(finding));
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
  since: number,
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
    const before = await listJobs(stage, subject);
    say(subject.ledger.brokenBy(before));
    say(await deletesWereTrue(stage, subject, before, since));
    say(await newestAmendmentsHold(stage, subject));
    await readAll(stage, subject);
    say(await copyIsTheTruth(stage, subject, own));
    say(await drill(stage, subject, own));
  });
  await allDone(looks);
  // Cron comes by in this one, which would wake whatever the others look at.
  sayOf(subjects.couch)(await lostAlarm(stage, subjects.couch));
  await refusedCredentials(stage, subjects, random, (subject) => (finding) => sayOf(subject)([finding]));
  const promises = all.map(async (subject) => {
    const say = sayOf(subject);
    say(await watchersAreTold(stage, subject));
    const jobs = await listJobs(stage, subject);
    say(subject.ledger.brokenBy(jobs));
    say(oneJobAtATime(jobs));
    say(deletesHaveProof(subject, jobs));
    say(await countsAreExact(stage, subject, jobs));
    say(await recordsFollow(stage, subject));
    say(await releasesMigrateOnce(stage, subject));
  });
  await allDone(promises);
  (await theDeletedAreGone(stage, subjects)).forEach(found);
  (await transitionsAreTold(stage, subjects)).forEach(found);
  (await endedJobsAreCountedOnce(stage, subjects)).forEach(found);
  (await oldKeysSealNothing(stage, subjects)).forEach(found);
  const strangers = all.map(async (subject) => {
    const [newest] = await listJobs(stage, subject);
    sayOf(subject)(await subject.stranger.tryAll({ id: subject.id, jobId: newest?.id ?? subject.id }));
  });
  await allDone(strangers);
}

/** Waits for all of them, also where one fails: what it leaves behind would go on beside what follows. */
async function allDone(works: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(works);
  for (const result of results) if (result.status === "rejected") throw result.reason;
}
