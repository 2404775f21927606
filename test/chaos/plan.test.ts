import { expect, test } from "vitest";

import { KINDS, kindsOf, planRound, PLANS, type Step } from "./plan.ts";

const OPTIONS = PLANS.usual;

function stepsOf(seed: number, rounds: number): readonly Step[] {
  return Array.from({ length: rounds }, (_, round) => planRound(seed, round, OPTIONS))
    .flat()
    .map(({ step }) => step);
}

test("a seed means the same rounds every time, and another seed means others", () => {
  expect(planRound(7, 3, OPTIONS)).toEqual(planRound(7, 3, OPTIONS));
  expect(planRound(7, 3, OPTIONS)).not.toEqual(planRound(8, 3, OPTIONS));
  expect(planRound(7, 3, OPTIONS)).not.toEqual(planRound(7, 4, OPTIONS));
});

test.each(Object.entries(PLANS))("everything that can go wrong does, in each round: %s", (_name, options) => {
  for (let round = 1; round <= 20; round += 1) {
    const steps = planRound(round, round, options).map(({ step }) => step);
    const happened = new Set(steps.flatMap(kindsOf));
    expect(KINDS.filter((kind) => !happened.has(kind))).toEqual([]);
    expect(steps.filter(({ type }) => type === "kill")).toHaveLength(options.kills);
  }
});

test("what goes wrong does so to each of them, in not too many rounds", () => {
  const steps = stepsOf(1, 90);
  const happened = (pick: (step: Step) => string | null) => new Set(steps.map(pick).filter((name) => name !== null));
  expect(happened((step) => (step.type === "misfortune" ? `${step.of} ${step.misfortune.type}` : null)).size).toBe(21);
  expect(happened((step) => (step.type === "kill" ? `${step.onNewCode} ${step.withNewKey}` : null)).size).toBe(4);
  const amended = happened((step) =>
    step.type === "amend" ? step.amendments.map(({ type }) => type).join(" ") : null,
  );
  expect(happened((step) => (step.type === "renew" ? `${step.source} ${step.sight}` : null)).size).toBe(6);
  expect(amended).toContain("reading");
  expect(amended).toContain("credentials reading");
  expect(amended).toContain("name reading");
});

test("no alarm is lost quietly where that would take too long to notice", () => {
  const steps = planRound(5, 1, { steps: 2_000, kills: 0, losesAlarmsQuietly: false }).map(({ step }) => step);
  const lost = steps.flatMap((step, index) => (isOf(step, "alarm_lost") ? [steps[index + 1]] : []));
  expect(lost.length).toBeGreaterThan(20);
  expect(lost.every((step) => step !== undefined && isOf(step, "evict"))).toBe(true);
});

function isOf(step: Step, misfortune: string): boolean {
  return step.type === "misfortune" && step.misfortune.type === misfortune;
}
