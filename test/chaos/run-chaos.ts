import { setTimeout as delay } from "node:timers/promises";

import { CannotStart } from "#cli/cannot-start";
import { seededRandom } from "#sources/internal/seeded-random";
import { Broken } from "./ask.ts";
import { check } from "./check.ts";
import { cancelledFirstSync } from "./drills/first-sync.ts";
import { History } from "./history.ts";
import { perform } from "./perform.ts";
import { planRound, SOURCES, type PlanOptions, type Step, type Timed } from "./plan.ts";
import { NO_SEGMENT } from "./segment.ts";
import { listJobs, settle } from "./settle.ts";
import { Stage } from "./stage.ts";
import { allOf, makeSubjects, type Subjects } from "./subject.ts";

/** The sequences of random numbers that checks take; rounds have those before. */
const CHECKS = 500_000;

export interface ChaosOptions {
  readonly seed: number;
  readonly plan: PlanOptions;
  /** Is there to be a round with this number (from 1), so long after the start? */
  readonly goesOn: (round: number, elapsedMs: number) => boolean;
  /** A state directory with the database's tables, so that they need not be made again. */
  readonly migrated?: string;
  readonly onRound?: (report: RoundReport) => void;
}

export interface RoundReport {
  readonly round: number;
  readonly ms: number;
  /** What was done, by name. */
  readonly steps: Readonly<Record<string, number>>;
  /** Answers that were spoilt. */
  readonly faults: number;
  /** Jobs of all rounds so far, by how they ended. */
  readonly jobs: Readonly<Record<string, number>>;
  /** Promises that were broken. */
  readonly findings: readonly string[];
}

export interface ChaosReport {
  readonly seed: number;
  readonly rounds: readonly RoundReport[];
  readonly findings: readonly string[];
  /** How often each fault struck. */
  readonly faults: Readonly<Record<string, number>>;
  /** Of the last round. */
  readonly history: readonly string[];
  /** What the Worker stored, kept where something was found. */
  readonly directory: string | null;
}

/** Comes over a Worker, round after round, until a promise is broken or it has been enough. */
export async function runChaos(
  options: ChaosOptions,
  onStage: (stage: Stage) => void = () => {},
): Promise<ChaosReport> {
  const { seed, plan, goesOn, onRound } = options;
  const history = new History();
  const stage = await Stage.set(seed, history, options.migrated);
  onStage(stage);
  const rounds: RoundReport[] = [];
  try {
    const startedAt = Date.now();
    const subjects = await makeSubjects(stage);
    for (let round = 1; goesOn(round, Date.now() - startedAt); round += 1) {
      const report = await runRound(stage, subjects, seed, round, planRound(seed, round, plan));
      rounds.push(report);
      onRound?.(report);
      if (report.findings.length > 0) break;
    }
  } finally {
    await stage.close(rounds.some(({ findings }) => findings.length > 0));
  }
  const findings = rounds.flatMap((round) => round.findings);
  return {
    seed,
    rounds,
    findings,
    faults: Object.fromEntries(stage.upstream.struck),
    history: history.ofRound(),
    directory: findings.length > 0 ? stage.directory : null,
  };
}

async function runRound(
  stage: Stage,
  subjects: Subjects,
  seed: number,
  round: number,
  steps: readonly Timed[],
): Promise<RoundReport> {
  const startedAt = Date.now();
  const struckBefore = total(stage.upstream.struck);
  stage.history.beginRound(round);
  stage.hasLostAlarm = false;
  stage.isQuiet = false;
  const under = new Set<Promise<readonly string[]>>();
  const findings: string[] = [];
  if (round === 1) findings.push(...(await foundBy(() => firstSync(stage, subjects, seed))));
  stage.observe();
  for (const { views, readings, sights } of allOf(subjects)) {
    views.begin(
      readings.possible().map((reading) => ("without" in reading ? reading.without : NO_SEGMENT)),
      sights.now,
    );
  }
  const weatherAt = Date.now();
  for (const { afterMs, step } of steps) {
    await delay(afterMs);
    const done = foundBy(() => performed(stage, subjects, step));
    // Awaited at the end, unless something else is thrown before.
    done.catch(() => undefined);
    under.add(done);
    // The Worker is away while it is started again: time stands still meanwhile. All else happens side by side.
    if (step.type === "kill") await done;
  }
  findings.push(...(await Promise.all(under)).flat());
  const jobs: { readonly status: string }[] = [];
  const look = async () => {
    await settle(stage, subjects);
    const broken = await check(stage, subjects, seededRandom(seed, CHECKS + round), weatherAt);
    if (broken.length > 0) return broken;
    jobs.push(...(await Promise.all(allOf(subjects).map((subject) => listJobs(stage, subject)))).flat());
    return [];
  };
  findings.push(...(await foundBy(look)));
  return {
    round,
    ms: Date.now() - startedAt,
    steps: tally(steps.map(({ step }) => (step.type === "misfortune" ? step.misfortune.type : step.type))),
    faults: total(stage.upstream.struck) - struckBefore,
    jobs: tally(jobs.map(({ status }) => status.toLowerCase())),
    findings,
  };
}

/** What a step finds is in the ledgers, to be looked at in the end. */
async function performed(stage: Stage, subjects: Subjects, step: Step): Promise<readonly string[]> {
  await perform(stage, subjects, step);
  return [];
}

/** Before anything goes wrong, of one of the sources. The others meet everything with their first sync. */
function firstSync(stage: Stage, subjects: Subjects, seed: number): Promise<readonly string[]> {
  const source = SOURCES[seed % SOURCES.length] ?? "couch";
  return cancelledFirstSync(stage, subjects[source], seededRandom(seed, CHECKS));
}

async function foundBy(look: () => Promise<readonly string[]>): Promise<readonly string[]> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof Broken) return [error.message];
    // The machine is at fault, not what runs on it.
    if (error instanceof CannotStart) throw error;
    // An answer of a shape that nobody expects is a finding like any other.
    return [
      `Something that should not be possible: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    ];
  }
}

function total(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}

function tally(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
