import { wholeNumber, type SeededRandom } from "#sources/internal/seeded-random";
import { differences, exportCopy, Follower, withoutIds, type Copy } from "#test/chaos/copy-check";
import { KEYLESS } from "#test/chaos/plan";
import { complete, countsOf } from "#test/chaos/run-job";
import type { Stage } from "#test/chaos/stage";
import type { Subject } from "#test/chaos/subject";
import { truthOf } from "#test/chaos/truth-of";

/** Edits of a source before a sync that has to find them all. */
const EDITS = 25;

/** The next sync continues from its cursor and misses nothing; a full one leaves exactly the truth; the feed says so. */
export async function copyIsTheTruth(stage: Stage, subject: Subject, random: SeededRandom): Promise<readonly string[]> {
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
  const truth = await truthOf(stage, subject);
  await die();
  const plain = await complete(stage, subject);
  const continued = await read();
  // What an API of times says nothing about are deletes, and what only other credentials show: both show in a full sync.
  const shown = await shownAlways(stage, subject, truth);
  const seen = subject.source === "couch" ? continued : onlyKnown(continued, shown);
  const missed = differences(`after a sync that was ${plain.sync_mode}`, seen, shown);

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

/** Of the truth, what all credentials show that the connection has had since it was read in full. */
async function shownAlways(stage: Stage, subject: Subject, truth: Copy): Promise<Copy> {
  let shown = truth;
  for (const sight of subject.sights.sinceFullSync) shown = onlyKnown(shown, await truthOf(stage, subject, sight));
  return shown;
}

function onlyKnown(copy: Copy, truth: Copy): Copy {
  return new Map([...copy].filter(([key]) => truth.has(key)));
}
