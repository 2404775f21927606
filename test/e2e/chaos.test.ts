import { expect, inject, test } from "vitest";

import { PLANS } from "#test/chaos/plan";
import { runChaos } from "#test/chaos/run-chaos";

/** The same for everybody; `npm run chaos` tries others, and for longer. */
const SEED = 20_261_127;

test("whatever goes wrong, every promise is kept once it is over", { timeout: 400_000 }, async () => {
  const { rounds, findings, history } = await runChaos({
    seed: SEED,
    plan: PLANS.ci,
    goesOn: (round) => round <= 1,
    migrated: inject("preparedState"),
  });
  const again = `npm run chaos -- --seed ${SEED} --rounds 1 --plan ci`;
  expect({ findings, history: findings.length === 0 ? [] : history }, `Again: ${again}`).toEqual({
    findings: [],
    history: [],
  });
  expect(rounds).toHaveLength(1);
});
