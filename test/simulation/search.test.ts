import { expect, test } from "vitest";

import type { Exploration, Failure, Findings } from "./exploration.ts";
import { rounds, search, type Explorer } from "./search.ts";

const PLAN = { seed: 7, maxSteps: 40, runs: { kernel: 1_500, core: 600, whole: 15 } };

test("a plan's rounds have as many histories as it says, the tiers by turns", () => {
  const planned = [...rounds(PLAN)].map(({ tier, runs }) => `${runs} ${tier}`);
  expect(planned).toEqual(["1000 kernel", "250 core", "10 whole", "500 kernel", "250 core", "5 whole", "100 core"]);
});

test("seeds that follow each other have no round in common", () => {
  const all = [6, 7, 8].flatMap(seedsOf);
  expect(new Set(all).size).toBe(all.length);
});

test("of several histories that break a promise the earliest is told, whoever is faster", async () => {
  const [slow, fast] = [new HeldExplorer(), new HeldExplorer()];
  const told = search(
    [slow, fast],
    rounds(PLAN),
    () => false,
    () => undefined,
  );

  fast.finds(failureOf(2));
  await Promise.resolve();
  slow.finds(failureOf(1));

  expect(await told).toMatchObject({ seed: 1 });
});

test("who is at work on a later round is stopped, since it does not count any more", async () => {
  const [early, late] = [new HeldExplorer(), new HeldExplorer()];
  const told = search(
    [early, late],
    rounds(PLAN),
    () => false,
    () => undefined,
  );

  early.finds(failureOf(1));

  expect(await told).toMatchObject({ seed: 1 });
  expect(late.isStopped).toBe(true);
});

test("when the time is up no round begins, and those that have begun are waited for", async () => {
  const found: number[] = [];
  const explorer = new HeldExplorer();
  let isTimeUp = false;
  const told = search(
    [explorer],
    rounds(PLAN),
    () => isTimeUp,
    (_round, { histories }) => found.push(histories),
  );

  isTimeUp = true;
  explorer.finds(null);

  expect(await told).toBeNull();
  expect(found).toEqual([1_000]);
});

/** Finds what it is told to when it is told to. */
class HeldExplorer implements Explorer {
  isStopped = false;
  #round: { readonly runs: number; readonly settle: (findings: Findings | null) => void } | null = null;

  explore({ runs }: Exploration): Promise<Findings | null> {
    return new Promise((settle) => {
      this.#round = { runs, settle };
    });
  }

  finds(failure: Failure | null): void {
    this.#round?.settle({ histories: this.#round.runs, processorSeconds: 1, failure });
  }

  stop(): void {
    this.isStopped = true;
    this.#round?.settle(null);
  }
}

function failureOf(seed: number): Failure {
  return {
    tier: "core",
    seed,
    path: "0",
    replayPath: "",
    manner: "listing",
    isNew: false,
    connections: 1,
    isConcluded: false,
    history: [],
    breach: "",
  };
}

function seedsOf(seed: number): number[] {
  return [...rounds({ ...PLAN, seed, runs: { kernel: 0, core: 5_000, whole: 0 } })].map((each) => each.seed);
}
