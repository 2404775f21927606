import { execFile } from "node:child_process";
import { URL, fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { type Plan, type Week, weekSchema } from "./lived-week.ts";

const WEEK = fileURLToPath(new URL("./week-process.ts", import.meta.url));
const HOOKS = new URL("../simulation/platform/module-hooks.ts", import.meta.url).href;
const OPTIONS = ["--disable-warning=ExperimentalWarning", "--import", HOOKS];

const WEEK_DAYS = 7;
/** Longer than the upstream's rate limit makes it. */
const LONG_DEADLINE_SECONDS = 8 * 86_400;

/** A full read that an upstream's rate limit stretches to a week, by a simulated clock. Throws unless all comes of it. */
export async function readForAWeek(): Promise<string> {
  const byDefault = await weekOf({ days: WEEK_DAYS, deadlineSeconds: null });
  const patient = await weekOf({ days: WEEK_DAYS, deadlineSeconds: LONG_DEADLINE_SECONDS });
  const failed = expectWeek(byDefault, WEEK_DAYS - 1);
  expectWeek(patient, 0);
  return [
    `${byDefault.pages} pages, each asked for once, nothing lost`,
    `with the default deadline ${failed} jobs FAILED and the next one COMPLETED after ${byDefault.days.toFixed(1)} days`,
    `with one of ${LONG_DEADLINE_SECONDS / 86_400} days a single job COMPLETED after ${patient.days.toFixed(1)}`,
  ].join("; ");
}

/** So many jobs end at their deadline, waiting, and the one after them completes; between them nothing is lost. */
export function expectWeek(week: Week, failures: number): number {
  const { jobs, pages, faults } = week;
  const failed = jobs.filter(({ status, category }) => status === "FAILED" && category === "rate_limited");
  const inserted = jobs.reduce((sum, job) => sum + job.inserted, 0);
  const isAsExpected =
    failed.length === failures && jobs.length === failures + 1 && jobs.at(-1)?.status === "COMPLETED";
  if (faults.length === 0 && isAsExpected && inserted === pages) return failed.length;
  throw new Error(
    `A week at the rate limit, in ${failures} jobs that fail and one that completes: ${JSON.stringify(week)}`,
  );
}

/** Lives through it in a process whose time is simulated. */
export async function weekOf(plan: Plan): Promise<Week> {
  const { stdout } = await promisify(execFile)(process.execPath, [...OPTIONS, WEEK, JSON.stringify(plan)]);
  return weekSchema.parse(JSON.parse(stdout));
}
