import { availableParallelism } from "node:os";

import { CannotStart } from "#cli/cannot-start";
import { readOptions, runCommand } from "#cli/command";
import { TIER_NAMES, type TierName } from "./exploration.ts";
import { PlayerProcess } from "./player-process.ts";
import { rounds, search } from "./search.ts";
import { shown } from "./shown-failure.ts";

const USAGE = `npm run simulate [-- --seed N] [--seconds S | --kernel N --core N --whole N] [--tier kernel|core|whole] [--steps N] [--processors N] [--json]
       npm run simulate -- --tier kernel|core|whole --seed N --path PATH --replay PATH   # one history that failed`;

/** How many there are where nobody says. */
const RUNS: Readonly<Record<TierName, number>> = { kernel: 50_000, core: 10_000, whole: 300 };

/** Between two words on how it goes. */
const PROGRESS_MS = 5_000;

/** What a tier has come to. */
interface Sum {
  histories: number;
  processorSeconds: number;
}

/** `npm run simulate`: random histories in simulated worlds, until one breaks a promise. */
await runCommand(async (onEnd) => {
  const text = { type: "string" } as const;
  const names = {
    seed: text,
    kernel: text,
    core: text,
    whole: text,
    seconds: text,
    steps: text,
    tier: text,
    processors: text,
    path: text,
    replay: text,
    json: { type: "boolean" },
  } as const;
  const options = readOptions(names, USAGE);
  const seed = wholeNumber("seed", options.seed) ?? Math.floor(Math.random() * 2 ** 31);
  const maxSteps = wholeNumber("steps", options.steps) ?? 40;
  const seconds = wholeNumber("seconds", options.seconds);
  const only = tierNamed(options.tier);

  const wanted = (tier: TierName) =>
    (only ?? tier) === tier
      ? (wholeNumber(tier, options[tier]) ?? (seconds === null ? RUNS[tier] : Number.POSITIVE_INFINITY))
      : 0;
  const runs: Readonly<Record<TierName, number>> = {
    kernel: wanted("kernel"),
    core: wanted("core"),
    whole: wanted("whole"),
  };
  const isReplay = options.path !== undefined;
  const processors = isReplay ? 1 : (wholeNumber("processors", options.processors) ?? availableParallelism());
  const sums: Readonly<Record<TierName, Sum>> = {
    kernel: { histories: 0, processorSeconds: 0 },
    core: { histories: 0, processorSeconds: 0 },
    whole: { histories: 0, processorSeconds: 0 },
  };
  const told = () =>
    TIER_NAMES.filter((tier) => runs[tier] > 0)
      .map((tier) => {
        const { histories, processorSeconds } = sums[tier];
        const rate = Math.round(histories / (processorSeconds || 1));
        return `${histories} of the ${tier} (${rate} a processor second)`;
      })
      .join(", ");

  const { path, replay: replayPath = null } = options;
  const sequence =
    path === undefined
      ? rounds({ seed, maxSteps, runs })
      : [{ tier: only ?? "whole", seed, runs: 1, maxSteps, path, replayPath }];
  const players = Array.from({ length: processors }, () => new PlayerProcess());
  onEnd(() => {
    for (const player of players) player.stop();
  });
  const startedAt = performance.now();
  const elapsed = () => performance.now() - startedAt;
  const isTimeUp = () => seconds !== null && elapsed() >= seconds * 1000;
  let nextWordAt = PROGRESS_MS;
  const failure = await search(players, sequence, isTimeUp, ({ tier }, found) => {
    sums[tier].histories += found.histories;
    sums[tier].processorSeconds += found.processorSeconds;
    if (elapsed() < nextWordAt) return;
    nextWordAt = elapsed() + PROGRESS_MS;
    // Progress goes to stderr: `--json` leaves stdout to the result.
    console.error(`${Math.round(elapsed() / 1000)} s: ${told()}`);
  });
  if (options.json === true) {
    const took = Math.round(elapsed() / 100) / 10;
    console.log(JSON.stringify({ seed, steps: maxSteps, processors, seconds: took, ...sums, failure }, null, 2));
  } else if (failure !== null) console.log(`\n${shown(failure, maxSteps)}\n`);
  else if (path !== undefined) console.log("The history broke no promise.");
  else console.log(`Histories: ${told()}, on ${processors} processors. No promise broken (seed ${seed}).`);
  return failure === null ? 0 : 1;
});

function tierNamed(name: string | undefined): TierName | null {
  if (name === undefined) return null;
  const tier = TIER_NAMES.find((each) => each === name);
  if (tier === undefined) throw new CannotStart(`--tier is kernel, core or whole, not "${name}".\n\nUsage: ${USAGE}`);
  return tier;
}

function wholeNumber(name: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  if (/^-?\d{1,10}$/.test(text)) return Number(text);
  throw new CannotStart(`--${name} is a whole number, not "${text}".\n\nUsage: ${USAGE}`);
}
