import { randomInt } from "node:crypto";
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { CannotStart } from "#cli/cannot-start";
import { readOptions, runCommand } from "#cli/command";
import { PLANS } from "./plan.ts";
import { runChaos, type ChaosReport, type RoundReport } from "./run-chaos.ts";

const USAGE = "npm run chaos [-- --seed N] [--minutes M | --rounds N] [--plan usual | ci] [--json]";

const DEFAULT_MINUTES = 3;

/** `npm run chaos`: everything that can go wrong does, and the promises are held against what is left. */
await runCommand(async (onEnd) => {
  const text = { type: "string" } as const;
  const names = { seed: text, minutes: text, rounds: text, plan: text, json: { type: "boolean" } } as const;
  const options = readOptions(names, USAGE);
  const seed = numberOf("seed", options.seed) ?? randomInt(2 ** 31);
  const rounds = numberOf("rounds", options.rounds);
  const plan = planNamed(options.plan ?? "usual");
  const limitMs = (numberOf("minutes", options.minutes) ?? DEFAULT_MINUTES) * 60_000;
  const until = rounds === null ? `for ${limitMs / 60_000} minutes` : `for ${rounds} rounds`;

  // Progress goes to stderr: `--json` leaves stdout to the result.
  console.error(`Chaos with seed ${seed}, ${until}. Building and starting the Worker …`);
  const report = await runChaos(
    {
      seed,
      plan: PLANS[plan],
      goesOn: (round, elapsedMs) => (rounds === null ? round === 1 || elapsedMs < limitMs : round <= rounds),
      onRound: (round) => console.error(renderRound(round)),
    },
    (stage) => onEnd(() => stage.kill()),
  );
  const isFine = report.findings.length === 0;
  if (options.json === true) console.log(JSON.stringify(report, null, 2));
  else if (isFine) console.log(`\nEvery promise was kept. ${told(report.faults)}`);
  if (!isFine) console.error(renderFailure(report, plan));
  return isFine ? 0 : 1;
});

function renderRound({ round, ms, steps, faults, jobs, findings }: RoundReport): string {
  const mark = findings.length === 0 ? "✓" : "✗";
  const {
    kill = 0,
    evict = 0,
    die = 0,
    refuse = 0,
    alarm_twice: twice = 0,
    alarm_lost: lost = 0,
    d1 = 0,
    edit = 0,
    run = 0,
    amend = 0,
    guest = 0,
  } = steps;
  return (
    `${mark} round ${String(round).padStart(2)}  ${(ms / 1000).toFixed(0).padStart(3)} s  ` +
    `${edit} bursts of edits, ${faults} spoilt answers, ${run} runs, ${amend} amendments, ${guest} guests, ${kill} kills, ${evict + die} evictions, ` +
    `${refuse} full disks, ${twice}+${lost} alarms doubled and lost, ${d1} D1 troubles` +
    (findings.length === 0 ? `; jobs so far: ${told(jobs)}` : "")
  );
}

function renderFailure({ seed, rounds, findings, history, directory }: ChaosReport, plan: string): string {
  const path = join(tmpdir(), `sluice-chaos-${seed}.log`);
  writeFileSync(path, history.join("\n"));
  return [
    "",
    ...findings.map((finding) => `✗ ${finding}`),
    "",
    `What happened in round ${rounds.length} (${path}):`,
    ...history.slice(-40),
    "",
    `What the Worker stored is in ${directory ?? ""}.`,
    `Again: npm run chaos -- --seed ${seed} --rounds ${rounds.length} --plan ${plan}`,
  ].join("\n");
}

function told(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, count]) => `${count} ${name}`)
    .join(", ");
}

function planNamed(name: string): keyof typeof PLANS {
  if (name === "usual" || name === "ci") return name;
  throw new CannotStart(`There is no plan "${name}".\n\nUsage: ${USAGE}`);
}

function numberOf(name: string, value: string | undefined): number | null {
  if (value === undefined) return null;
  const number = Number(value);
  if (Number.isFinite(number) && number > 0) return number;
  throw new CannotStart(`--${name} must be a positive number.\n\nUsage: ${USAGE}`);
}
