import { CannotStart } from "#cli/cannot-start";
import { readOptions, runCommand } from "#cli/command";
import { explore, prepare, type Failure } from "./explore.ts";

const USAGE = `npm run simulate [-- --seed N] [--runs M | --seconds S] [--steps N]
       npm run simulate -- --seed N --path PATH --replay PATH   # one history that failed`;

/** Histories between two looks at the clock. */
const ROUND = 50;

/** `npm run simulate`: random histories of the whole service in a simulated world, until one breaks a promise. */
await runCommand(async () => {
  const text = { type: "string" } as const;
  const names = { seed: text, runs: text, seconds: text, steps: text, path: text, replay: text };
  const options = readOptions(names, USAGE);
  const seed = wholeNumber("seed", options.seed) ?? Math.floor(Math.random() * 2 ** 31);
  const maxSteps = wholeNumber("steps", options.steps) ?? 40;
  const seconds = wholeNumber("seconds", options.seconds);
  const runs = wholeNumber("runs", options.runs) ?? (seconds === null ? 500 : Number.POSITIVE_INFINITY);
  const path = options.path ?? null;

  const { log } = console;
  // The objects log as they would; nobody wants to read a thousand lives.
  console.log = () => undefined;
  const clock = prepare();
  const startedAt = performance.now();
  const elapsed = () => (performance.now() - startedAt) / 1000;
  let done = 0;
  const isTimeUp = () => seconds !== null && elapsed() >= seconds;
  for (let round = 0; done < runs && !isTimeUp(); round += 1) {
    const { histories, failure } = await explore(clock, {
      seed: path === null ? (seed + round) | 0 : seed,
      runs: path === null ? Math.min(ROUND, runs - done) : 1,
      maxSteps,
      path,
      replayPath: options.replay ?? null,
    });
    done += histories;
    if (failure !== null) {
      log(`\n${told(failure, maxSteps)}\n`);
      return 1;
    }
    if (path !== null) break;
  }
  log(`${done} histories, no promise broken (seed ${seed}, ${Math.round(done / elapsed())} a second).`);
  return 0;
});

function told({ seed, path, replayPath, manner, history, breach }: Failure, steps: number): string {
  const lines = history.map((sentence, index) => `  ${index + 1}. ${sentence}`);
  return [
    "A promise was broken:",
    breach.replaceAll(/^/gm, "  "),
    "",
    `What happened (upstream: ${manner}):`,
    ...lines,
    "  And then everything was well again.",
    "",
    `Replay: npm run simulate -- --seed ${seed} --steps ${steps} --path ${path} --replay ${replayPath}`,
  ].join("\n");
}

function wholeNumber(name: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  if (/^-?\d{1,10}$/.test(text)) return Number(text);
  throw new CannotStart(`--${name} is a whole number, not "${text}".\n\nUsage: ${USAGE}`);
}
