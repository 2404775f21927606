import { CannotStart } from "#cli/cannot-start";
import { readOptions, runCommand } from "#cli/command";
import { explore, type Failure } from "./explore.ts";
import { prepareTiers, TIER_NAMES, type TierName } from "./tiers.ts";

const USAGE = `npm run simulate [-- --seed N] [--seconds S | --core N --whole N] [--steps N]
       npm run simulate -- --tier core|whole --seed N --path PATH --replay PATH   # one history that failed`;

/** Histories between two looks at the clock: each tier's take about as long. */
const ROUND: Readonly<Record<TierName, number>> = { core: 500, whole: 20 };

/** How many there are where nobody says. */
const RUNS: Readonly<Record<TierName, number>> = { core: 10_000, whole: 200 };

interface Told {
  histories: number;
  seconds: number;
}

/** `npm run simulate`: random histories in simulated worlds, until one breaks a promise. */
await runCommand(async () => {
  const text = { type: "string" } as const;
  const names = {
    seed: text,
    core: text,
    whole: text,
    seconds: text,
    steps: text,
    tier: text,
    path: text,
    replay: text,
  };
  const options = readOptions(names, USAGE);
  const seed = wholeNumber("seed", options.seed) ?? Math.floor(Math.random() * 2 ** 31);
  const maxSteps = wholeNumber("steps", options.steps) ?? 40;
  const seconds = wholeNumber("seconds", options.seconds);
  const wanted = (tier: TierName) =>
    wholeNumber(tier, options[tier]) ?? (seconds === null ? RUNS[tier] : Number.POSITIVE_INFINITY);
  const runs: Readonly<Record<TierName, number>> = { core: wanted("core"), whole: wanted("whole") };
  const only = tierNamed(options.tier);

  const { log } = console;
  // The objects log as they would; nobody wants to read a thousand lives.
  console.log = () => undefined;
  const tiers = prepareTiers();
  if (options.path !== undefined) {
    const history = { seed, runs: 1, maxSteps, path: options.path, replayPath: options.replay ?? null };
    const { failure } = await explore(tiers[only ?? "whole"], history);
    log(failure === null ? "The history broke no promise." : `\n${told(failure, maxSteps)}\n`);
    return failure === null ? 0 : 1;
  }
  const startedAt = performance.now();
  const done: Readonly<Record<TierName, Told>> = {
    core: { histories: 0, seconds: 0 },
    whole: { histories: 0, seconds: 0 },
  };
  const isTimeUp = () => seconds !== null && performance.now() - startedAt >= seconds * 1000;
  const open = () => TIER_NAMES.filter((tier) => (only ?? tier) === tier && done[tier].histories < runs[tier]);
  for (let round = 0; open().length > 0 && !isTimeUp(); round += 1) {
    for (const tier of open()) {
      const roundAt = performance.now();
      const { histories, failure } = await explore(tiers[tier], {
        seed: (seed + round) | 0,
        runs: Math.min(ROUND[tier], runs[tier] - done[tier].histories),
        maxSteps,
        path: null,
        replayPath: null,
      });
      done[tier].histories += histories;
      done[tier].seconds += (performance.now() - roundAt) / 1000;
      if (failure !== null) {
        log(`\n${told(failure, maxSteps)}\n`);
        return 1;
      }
    }
  }
  const sums = TIER_NAMES.map(
    (tier) =>
      `${done[tier].histories} of the ${tier} (${Math.round(done[tier].histories / (done[tier].seconds || 1))} a second)`,
  );
  log(`Histories: ${sums.join(", ")}. No promise broken (seed ${seed}).`);
  return 0;
});

function told(failure: Failure, steps: number): string {
  const { tier, seed, path, replayPath, manner, connections, isConcluded, history, breach } = failure;
  const all = isConcluded ? [...history, "And then everything was well again."] : history;
  const lines = all.map((sentence, index) => `  ${index + 1}. ${sentence}`);
  return [
    "A promise was broken:",
    breach.replaceAll(/^/gm, "  "),
    "",
    `What happened (${tier}, ${connections === 1 ? "one connection" : `${connections} connections`}, upstream: ${manner}):`,
    ...lines,
    "",
    `Replay: npm run simulate -- --tier ${tier} --seed ${seed} --steps ${steps} --path ${path} --replay ${replayPath}`,
  ].join("\n");
}

function tierNamed(name: string | undefined): TierName | null {
  if (name === undefined) return null;
  const tier = TIER_NAMES.find((each) => each === name);
  if (tier === undefined) throw new CannotStart(`--tier is core or whole, not "${name}".\n\nUsage: ${USAGE}`);
  return tier;
}

function wholeNumber(name: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  if (/^-?\d{1,10}$/.test(text)) return Number(text);
  throw new CannotStart(`--${name} is a whole number, not "${text}".\n\nUsage: ${USAGE}`);
}
