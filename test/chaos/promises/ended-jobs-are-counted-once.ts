import { z } from "zod";

import { ask, until } from "#test/chaos/ask";
import { allJobs } from "#test/chaos/settle";
import type { Stage } from "#test/chaos/stage";
import { allOf, type Subjects } from "#test/chaos/subject";

const totalsSchema = z.object({ totals: z.array(z.object({ status: z.string(), jobs: z.number() })) });

/** Ended jobs are counted once each. Those of connections that were deleted are, if D1 was told of them before that. */
export async function endedJobsAreCountedOnce(stage: Stage, subjects: Subjects): Promise<readonly string[]> {
  let seen = "";
  await until(
    "D1 counts jobs as they ended",
    async () => {
      const { totals } = totalsSchema.parse((await ask(stage, "GET", "/totals", { where: "chaos" })).body);
      const counted = new Map(totals.map(({ status, jobs }) => [status, jobs]));
      const own = tally((await allJobs(stage, subjects)).map(({ status }) => status));
      const gone = tally(endsOfOthers(stage, subjects));
      const statuses = new Set([...counted.keys(), ...own.keys()]);
      seen = JSON.stringify({ counted: [...counted], own: [...own], gone: [...gone] });
      return [...statuses].every((status) => {
        const [least, count] = [own.get(status) ?? 0, counted.get(status) ?? 0];
        return count >= least && count <= least + (gone.get(status) ?? 0);
      });
    },
    () => seen,
  );
  return [];
}

/** How the jobs of connections that are deleted ended, by what the receiver was told. */
function endsOfOthers({ receiver }: Stage, subjects: Subjects): readonly string[] {
  const own = new Set(allOf(subjects).map(({ id }) => id));
  const told = receiver.delivered.filter(({ payload }) => !own.has(payload.source_connection_id ?? ""));
  const byId = new Map(told.map(({ id, payload }) => [id, payload.event_type.replace("sync.", "").toUpperCase()]));
  return [...byId.values()];
}

function tally(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
