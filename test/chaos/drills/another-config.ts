import { oneOf, type SeededRandom } from "#sources/internal/seeded-random";
import { comes, until } from "#test/chaos/ask";
import { differences, exportCopy, withoutIds } from "#test/chaos/copy-check";
import { amend, renew } from "#test/chaos/perform";
import { KEYLESS, type Reading } from "#test/chaos/plan";
import { newestAmendmentsHold } from "#test/chaos/promises/newest-amendments-hold";
import { completed, startJob, untilEnded } from "#test/chaos/run-job";
import { SEGMENTS } from "#test/chaos/segment";
import type { Stage } from "#test/chaos/stage";
import { allOfIt, type Subject } from "#test/chaos/subject";
import { truthOf } from "#test/chaos/truth-of";

/** A machine that is busy may store a config only after the job is over. */
const TRIES = 3;

/** Pages of which some are committed by then, and more are to come. */
const PAGES_BEFORE = 6;

/** What a job has read when it is told to read something else is no part of the copy, and proves nothing. */
export async function anotherConfigMidway(
  stage: Stage,
  subject: Subject,
  random: SeededRandom,
): Promise<readonly string[]> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const job = await changeMidway(stage, subject, random);
    completed(job.ended);
    // One that was over before had nothing more to read.
    if (Date.parse(job.ended.completed_at ?? "") < job.changedAt) continue;
    const copy = withoutIds(await exportCopy(stage, subject.id), KEYLESS);
    const findings = differences("after another config", copy, await truthOf(stage, subject));
    return [...findings, ...(await backMeanwhile(stage, subject))];
  }
  return [`no job lasted until another config was stored, in ${TRIES} tries.`];
}

/** A job, and when another config had been stored that was sent while it read. */
async function changeMidway(stage: Stage, subject: Subject, random: SeededRandom) {
  const { promise: midway, resolve } = Promise.withResolvers<void>();
  let pages = 0;
  const takeBack = stage.upstream.demand({
    source: subject.source,
    answer: () => {
      pages += 1;
      if (pages === PAGES_BEFORE) resolve();
      return null;
    },
  });
  const { id } = await startJob(stage, subject, "?force_full_sync=true");
  await comes(`a page of the job ${id}`, midway).finally(takeBack);
  await change(stage, subject, { without: oneOf(random, SEGMENTS) });
  const changedAt = Date.now();
  return { ended: await untilEnded(stage, subject, id), changedAt };
}

/** A config that is stored while new credentials are tried with the one before is not undone by them. */
async function backMeanwhile(stage: Stage, subject: Subject): Promise<readonly string[]> {
  const asked = Promise.withResolvers<void>();
  const stored = Promise.withResolvers<void>();
  let isFirst = true;
  const takeBack = stage.upstream.demand({
    source: subject.source,
    answer: async () => {
      if (!isFirst) return null;
      isFirst = false;
      asked.resolve();
      await stored.promise;
      return null;
    },
  });
  const renewed = renew(stage, subject);
  await comes("new credentials to be tried", asked.promise).finally(takeBack);
  await change(stage, subject, allOfIt(subject.source)).finally(stored.resolve);
  // A check that was held for longer than a request may take is another matter.
  const first = await renewed;
  const answer = first?.status === 200 ? first : await renew(stage, subject);
  return [
    ...(answer?.status === 200 ? [] : [`credentials that are right were not taken: ${answer?.text ?? "no answer"}`]),
    ...(await newestAmendmentsHold(stage, subject)),
  ];
}

/** D1 may be away for a moment, for a drill of another connection. */
async function change(stage: Stage, subject: Subject, reading: Reading): Promise<void> {
  await until(`${subject.source} takes a config that is right`, async () => {
    const answer = await amend(stage, subject, { type: "reading", reading });
    return answer?.status === 200;
  });
}
