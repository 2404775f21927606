import { oneOf, type SeededRandom } from "#sources/internal/seeded-random";
import { Broken, comes } from "#test/chaos/ask";
import { differences, exportCopy, withoutIds } from "#test/chaos/copy-check";
import { amend, renew } from "#test/chaos/perform";
import { KEYLESS, type Reading } from "#test/chaos/plan";
import { newestAmendmentsHold } from "#test/chaos/promises/newest-amendments-hold";
import { completed, startJob, untilEnded } from "#test/chaos/run-job";
import { SEGMENTS } from "#test/chaos/segment";
import type { Stage } from "#test/chaos/stage";
import { allOfIt, type Subject } from "#test/chaos/subject";
import { truthOf } from "#test/chaos/truth-of";

/** Pages of which some are committed by then, and more are to come. */
const PAGES_BEFORE = 6;

/** What a job has read when it is told to read something else is no part of the copy, and proves nothing. */
export async function anotherConfigMidway(
  stage: Stage,
  subject: Subject,
  random: SeededRandom,
): Promise<readonly string[]> {
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
  completed(await untilEnded(stage, subject, id));
  const copy = withoutIds(await exportCopy(stage, subject.id), KEYLESS);
  const findings = differences("after another config", copy, await truthOf(stage, subject));
  return [...findings, ...(await backMeanwhile(stage, subject))];
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
  const answer = await renewed;
  return [
    ...(answer?.status === 200 ? [] : [`credentials that are right were not taken: ${answer?.text ?? "no answer"}`]),
    ...(await newestAmendmentsHold(stage, subject)),
  ];
}

async function change(stage: Stage, subject: Subject, reading: Reading): Promise<void> {
  const answer = await amend(stage, subject, { type: "reading", reading });
  if (answer?.status !== 200) throw new Broken(`${subject.source}: a config that is right was not taken.`);
}
