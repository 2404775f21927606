import { setTimeout as delay } from "node:timers/promises";

import { seededRandom } from "#sources/internal/seeded-random";
import { Broken } from "./ask.ts";
import { check } from "./check.ts";
import { cancelledFirstSync } from "./drills/first-sync.ts";
import { History } from "./history.ts";
import { perform } from "./perform.ts";
import { planRound, SOURCES, type PlanOptions, type Timed } from "./plan.ts";
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
  const under = new Set<Promise<void>>();
  const findings: string[] = [];
  if (round === 1) findings.push(...(await foundBy(() => firstSync(stage, subjects, seed))));
  for (const { afterMs, step } of steps) {
    await delay(afterMs);
    const done = perform(stage, subjects, step);
    under.add(done);
    // The Worker is away while it is started again: time stands still meanwhile. All else happens side by side.
    if (step.type === "kill") await done;
  }
  await Promise.all(under);
  findings.push(
    ...(await foundBy(async () => {
      await settle(stage, subjects);
      return check(stage, subjects, seededRandom(seed, CHECKS + round));
    })),
  );
  const jobs =
    findings.length > 0 ? [] : (await Promise.all(allOf(subjects).map((subject) => listJobs(stage, subject)))).flat();
  return {
    round,
    ms: Date.now() - startedAt,
    steps: tally(steps.map(({ step }) => (step.type === "misfortune" ? step.misfortune.type : step.type))),
    faults: total(stage.upstream.struck) - struckBefore,
    jobs: tally(jobs.map(({ status }) => status.toLowerCase())),
    findings,
  };
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
    throw error;
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
