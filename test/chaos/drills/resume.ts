import { wholeNumber, type SeededRandom } from "#sources/internal/seeded-random";
import { differences, exportCopy } from "#test/chaos/copy-check";
import { complete, completed, startJob, untilEnded } from "#test/chaos/run-job";
import type { Stage } from "#test/chaos/stage";
import type { Subject } from "#test/chaos/subject";
import { truthOf } from "#test/chaos/truth-of";

/** More than two: what is tidied up meanwhile is a transaction too. */
const REFUSED = 4;

/** Edits before a sync whose disk is full: the pages that it reads are of nothing else, and have to be some. */
const EDITS = 80;

/** A job that dies goes on at its page: of what was read before, no more is read again than was under way. */
export async function deathOnTheWay(stage: Stage, subject: Subject, random: SeededRandom): Promise<readonly string[]> {
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

/**
 * A transaction that can't be committed leaves nothing behind, and is done again. Some in a row are refused, in a sync
 * each: of what is written in two, each is refused once. What was counted of it is looked at in the end.
 */
export async function fullDisk(stage: Stage, subject: Subject, random: SeededRandom): Promise<readonly string[]> {
  // By then it commits pages, and little else for a while.
  const first = wholeNumber(random, 4, 9);
  for (let commits = first; commits < first + REFUSED; commits += 1) {
    for (let n = 0; n < EDITS; n += 1) stage.upstream[subject.source].edit(random);
    await stage.reach("POST", `/connections/${subject.id}`, { type: "refuse", commits });
    await complete(stage, subject);
  }
  const copy = await exportCopy(stage, subject.id);
  return differences("after syncs whose disk was full", copy, await truthOf(stage, subject));
}
