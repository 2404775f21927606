import type { SeededRandom } from "#sources/internal/seeded-random";
import type { Stage } from "#test/chaos/stage";
import type { Subject } from "#test/chaos/subject";
import { anotherConfigMidway } from "./another-config.ts";
import { anotherShape } from "./another-shape.ts";
import { aCancel, goneBehindACancel } from "./cancel.ts";
import { equalTimes, lateCommits } from "./cursor.ts";
import { forgetfulSource } from "./delete-guard.ts";
import { queuedRun } from "./follow-up.ts";
import { repeatedKey } from "./key.ts";
import { movingPages, refusedInBody } from "./listing.ts";
import { confirmedForOthers, firstReadByOthers, otherCredentialsMidway } from "./other-credentials.ts";
import { overlappingPages } from "./overlap.ts";
import { refusedOutright } from "./refusal.ts";
import { deathOnTheWay, fullDisk } from "./resume.ts";
import { d1Away, d1SlowThenAway, deliveriesAway } from "./telling.ts";
import { cancelWithoutToken, deathWithNewToken, usedOnce } from "./tokens.ts";
import { aWait } from "./wait.ts";
import { watchedAgain } from "./watching.ts";

// Weather makes everything happen, and so it hides things: a job that nobody wakes is woken by whoever comes by. Each
// of these makes one thing happen to a connection that is quiet, where nothing else would mend it.

type Drill = (stage: Stage, subject: Subject, random: SeededRandom) => Promise<readonly string[]>;

const DRILLS: Readonly<Record<Subject["source"], readonly Drill[]>> = {
  couch: [
    repeatedKey,
    queuedRun,
    deathOnTheWay,
    fullDisk,
    aWait,
    aCancel,
    refusedOutright,
    d1Away,
    d1SlowThenAway,
    deliveriesAway,
  ],
  // The first end with nothing left out, and credentials that show everything, as the others have it.
  crm: [
    anotherConfigMidway,
    otherCredentialsMidway,
    firstReadByOthers,
    confirmedForOthers,
    lateCommits,
    equalTimes,
    overlappingPages,
    anotherShape,
    aCancel,
    goneBehindACancel,
    refusedOutright,
    forgetfulSource,
  ],
  desk: [
    anotherConfigMidway,
    otherCredentialsMidway,
    movingPages,
    refusedInBody,
    anotherShape,
    watchedAgain,
    aCancel,
    refusedOutright,
    deathWithNewToken,
    cancelWithoutToken,
    usedOnce,
  ],
};

/** Answers with the promises that were broken. Those of several connections may be at it side by side. */
export async function drill(stage: Stage, subject: Subject, random: SeededRandom): Promise<readonly string[]> {
  const findings: string[] = [];
  for (const each of DRILLS[subject.source]) {
    stage.history.add(`${subject.source}: ${each.name}`);
    findings.push(...(await each(stage, subject, random)));
  }
  return findings;
}
