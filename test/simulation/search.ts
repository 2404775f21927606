import { TIER_NAMES, type Exploration, type Failure, type Findings, type TierName } from "./exploration.ts";

/** Histories in a round: few enough that each processor has something to do until the end. */
const ROUND: Readonly<Record<TierName, number>> = { kernel: 1_000, core: 250, whole: 10 };

/** Whoever lives through histories, one round at a time. Null once it has been stopped. */
export interface Explorer {
  explore(exploration: Exploration): Promise<Findings | null>;
  stop(): void;
}

export interface Plan {
  readonly seed: number;
  readonly maxSteps: number;
  /** How many histories there are to be. */
  readonly runs: Readonly<Record<TierName, number>>;
}

/** The rounds of a plan, the tiers by turns. */
export function* rounds({ seed, maxSteps, runs }: Plan): Generator<Exploration, void> {
  const left = { ...runs };
  for (let round = 0; TIER_NAMES.some((tier) => left[tier] > 0); round += 1) {
    for (const tier of TIER_NAMES) {
      const size = Math.min(ROUND[tier], left[tier]);
      left[tier] -= size;
      if (size > 0) yield { tier, seed: seedOf(seed, round), runs: size, maxSteps, path: null, replayPath: null };
    }
  }
}

/** Seeds that follow each other have no round in common. */
function seedOf(seed: number, round: number): number {
  return (Math.imul(seed, 0x9e37_79b1) + round) & 0x7fff_ffff;
}

/**
 * Has the rounds lived through, as many at once as there are explorers, until a history breaks a promise. Of several
 * it is that of the earliest round, so that it is the same one however many explorers there are.
 *
 * @param onFound called with what each round found
 */
export async function search(
  explorers: readonly Explorer[],
  sequence: Iterable<Exploration>,
  isTimeUp: () => boolean,
  onFound: (exploration: Exploration, findings: Findings) => void,
): Promise<Failure | null> {
  const remaining = sequence[Symbol.iterator]();
  const working = new Map<Explorer, number>();
  const failures = new Map<number, Failure>();
  let begun = 0;
  const work = async (explorer: Explorer): Promise<void> => {
    while (failures.size === 0 && !isTimeUp()) {
      const next = remaining.next();
      if (next.done === true) return;
      const place = begun;
      begun += 1;
      working.set(explorer, place);
      const findings = await explorer.explore(next.value);
      working.delete(explorer);
      if (findings === null) return;
      onFound(next.value, findings);
      if (findings.failure === null) continue;
      failures.set(place, findings.failure);
      for (const [other, itsPlace] of working) if (itsPlace > place) other.stop();
    }
  };
  await Promise.all(explorers.map(work));
  return failures.get(Math.min(...failures.keys())) ?? null;
}
