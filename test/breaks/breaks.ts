import { CannotStart } from "#cli/cannot-start";
import { readOptions, runCommand } from "#cli/command";
import { MACHINES, type Break, type Machine } from "./break.ts";
import { CATALOGUE } from "./catalogue.ts";
import { tryMachine, type Verdict } from "./machine.ts";
import { BrokenProject } from "./project.ts";

const USAGE = `npm run breaks [-- --only NAME,NAME] [--by ${MACHINES.join(",")}] [--seed N] [--seconds N] [--rounds N] [--all] [--json]`;

/** What a machine made of a break. */
interface Trial {
  readonly name: string;
  readonly promise: number;
  readonly machine: Machine;
  readonly isExpected: boolean;
  readonly seconds: number;
  readonly verdict: Verdict;
}

/** `npm run breaks`: breaks each promise on purpose, and sees whether what is to notice it does. */
await runCommand(async (onEnd) => {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  const names = { only: text, by: text, seed: text, seconds: text, rounds: text, all: flag, json: flag };
  const options = readOptions(names, USAGE);
  const chosen = chosenBreaks(options.only);
  const machines = chosenMachines(options.by);
  const limits = {
    seed: numberOf("seed", options.seed) ?? 1,
    seconds: numberOf("seconds", options.seconds) ?? 30,
    rounds: numberOf("rounds", options.rounds) ?? 1,
  };
  const trials: Trial[] = [];
  for (const each of chosen) {
    const due = machines.filter((machine) => options.all === true || each.noticedBy.includes(machine));
    const project = new BrokenProject(each.edits);
    onEnd(() => project.remove());
    for (const machine of due) {
      const startedAt = Date.now();
      const verdict = await tryMachine(machine, each, project.directory, { ...limits, onStart: onEnd });
      const seconds = Math.round((Date.now() - startedAt) / 1000);
      const isExpected = each.noticedBy.includes(machine);
      const trial: Trial = { name: each.name, promise: each.promise, machine, isExpected, seconds, verdict };
      trials.push(trial);
      console.error(rendered(trial));
    }
    project.remove();
  }
  const failed = trials.filter(({ isExpected, verdict }) => isExpected && verdict.type !== "noticed");
  if (options.json === true) console.log(JSON.stringify({ ...limits, trials }, null, 2));
  else
    console.log(`\n${chosen.length} breaks, ${trials.length} trials; ${failed.length} went otherwise than expected.`);
  return failed.length === 0 ? 0 : 1;
});

function rendered({ name, promise, machine, isExpected, seconds, verdict }: Trial): string {
  const mark = verdict.type === "noticed" ? "✓" : isExpected ? "✗" : "·";
  const said = verdict.type === "missed" ? "not noticed" : verdict.said;
  const what = verdict.type === "stuck" ? `could not be tried: ${said}` : said;
  return `${mark} ${String(promise).padStart(2)} ${name.padEnd(38)} ${machine.padEnd(6)} ${String(seconds).padStart(4)} s  ${what.slice(0, 400)}`;
}

function chosenBreaks(only: string | undefined): readonly Break[] {
  if (only === undefined) return CATALOGUE;
  return only.split(",").map((name) => {
    const found = CATALOGUE.find((each) => each.name === name);
    if (found !== undefined) return found;
    const known = CATALOGUE.map((each) => each.name).join(", ");
    throw new CannotStart(`There is no break "${name}". There are: ${known}.\n\nUsage: ${USAGE}`);
  });
}

function chosenMachines(by: string | undefined): readonly Machine[] {
  if (by === undefined) return MACHINES;
  return by.split(",").map((name) => {
    const found = MACHINES.find((machine) => machine === name);
    if (found !== undefined) return found;
    throw new CannotStart(`--by is of ${MACHINES.join(", ")}, not "${name}".\n\nUsage: ${USAGE}`);
  });
}

function numberOf(name: string, value: string | undefined): number | null {
  if (value === undefined) return null;
  if (/^[1-9]\d{0,8}$/.test(value)) return Number(value);
  throw new CannotStart(`--${name} is a positive whole number, not "${value}".\n\nUsage: ${USAGE}`);
}
