import type { SeededRandom } from "#sources/internal/seeded-random";
import { wholeNumber } from "#sources/internal/seeded-random";
import { ask, comes } from "#test/chaos/ask";
import { differences, exportCopy, withoutIds } from "#test/chaos/copy-check";
import { KEYLESS, type SourceName } from "#test/chaos/plan";
import { complete, startJob, untilEnded } from "#test/chaos/run-job";
import type { Stage } from "#test/chaos/stage";
import type { Subject } from "#test/chaos/subject";
import { truthOf } from "#test/chaos/truth-of";

/** What is asked for once, with pages that are each committed: of CouchDB two databases, of the others a stream. */
const PAGES: Readonly<Record<SourceName, RegExp>> = {
  couch: /_changes/,
  crm: /^products/,
  desk: /^tickets\?.*&cursor=/,
};

/** Pages that were not committed: of two streams the one that was waited for, and the one after it. */
const ON_THEIR_WAY = 4;

/**
 * A connection's first sync, cancelled on its way. What it committed is kept, and the next one goes on from there: of a
 * source whose pages are all places to go on from, nothing is asked for again but what was on its way.
 */
export async function cancelledFirstSync(
  stage: Stage,
  subject: Subject,
  random: SeededRandom,
): Promise<readonly string[]> {
  const { upstream, history } = stage;
  const { source, id } = subject;
  const seen = upstream.seen[source];
  const midway = Promise.withResolvers<void>();
  const cancelled = Promise.withResolvers<void>();
  const from = seen.length;
  const last = from + wholeNumber(random, 10, 20);
  const takeBack = upstream.demand({
    source,
    // The job is to be met while it is at work.
    answer: async () => {
      if (seen.length < last) return null;
      midway.resolve();
      await cancelled.promise;
      return null;
    },
  });
  const first = await startJob(stage, subject);
  await comes(`the middle of the job ${first.id}`, midway.promise);
  await ask(stage, "POST", `/source-connections/${id}/jobs/${first.id}/cancel`);
  takeBack();
  cancelled.resolve();
  const interrupted = await untilEnded(stage, subject, first.id);
  const kept = await exportCopy(stage, id);
  const asked = seen.slice(from);

  const next = await complete(stage, subject);
  const again = seen
    .slice(from + asked.length)
    .filter((address) => PAGES[source].test(address) && asked.includes(address));
  const copy = withoutIds(await exportCopy(stage, id), KEYLESS);
  history.add(`${source}: ${asked.length} requests, cancelled, ${again.length} pages of them again`);
  const inserted = interrupted.entities_inserted + next.entities_inserted;
  return [
    ...(interrupted.status === "CANCELLED" ? [] : [`a first sync that was cancelled ended ${interrupted.status}.`]),
    ...(kept.size > 0 && kept.size === interrupted.entities_inserted
      ? []
      : [`a first sync that was cancelled had inserted ${interrupted.entities_inserted}, and ${kept.size} are there.`]),
    ...(inserted === copy.size ? [] : [`a first sync in two jobs inserted ${inserted} of ${copy.size} entities.`]),
    ...(again.length <= ON_THEIR_WAY
      ? []
      : [`a first sync that went on asked for ${again.length} pages again, after ${asked.length} requests.`]),
    ...differences("after a first sync in two jobs", copy, await truthOf(stage, subject)),
  ].map((finding) => `${source}: ${finding}`);
}
