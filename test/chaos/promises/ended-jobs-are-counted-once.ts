import { z } from "zod";

import { ask, until } from "#test/chaos/ask";
import { allJobs } from "#test/chaos/settle";
import type { Stage } from "#test/chaos/stage";
import type { Subjects } from "#test/chaos/subject";

const totalsSchema = z.object({ totals: z.array(z.object({ status: z.string(), jobs: z.number() })) });

/** Ended jobs are counted once each. */
export async function endedJobsAreCountedOnce(stage: Stage, subjects: Subjects): Promise<readonly string[]> {
  let seen = "";
  let wanted = "";
  await until(
    "D1 counts jobs as they ended",
    async () => {
      const { totals } = totalsSchema.parse((await ask(stage, "GET", "/totals", { where: "chaos" })).body);
      seen = tally(totals.flatMap(({ status, jobs }) => Array<string>(jobs).fill(status)));
      wanted = tally((await allJobs(stage, subjects)).map(({ status }) => status));
      return seen === wanted;
    },
    () => `It counts ${seen}, and they are ${wanted}.`,
  );
  return [];
}

function tally(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return JSON.stringify(Object.fromEntries([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1))));
}
