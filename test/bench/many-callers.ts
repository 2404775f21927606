import { Refused } from "#cli/refused";
import { orders } from "#cli/sample-documents";
import { ended } from "./finished-job.ts";
import type { Stage } from "./stage.ts";

/** More than are read before the last caller is answered. */
const ENTITIES = 20_000;
const PAGE_SIZE = 100;

/** Callers of one connection at once: one is given a job, everybody else is refused with it. Throws otherwise. */
export async function callAtOnce(stage: Stage, callers: number): Promise<string> {
  const { jobs, connections } = stage.client;
  const id = await stage.connectTo(stage.addDatabase("callers", ENTITIES, orders), PAGE_SIZE);
  const answers = await Promise.allSettled(Array.from({ length: callers }, () => jobs.run(id)));
  const accepted = answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : []));
  const [job] = accepted;
  if (job === undefined || accepted.length > 1) {
    throw new Error(`${accepted.length} of ${callers} callers were given a job of their own.`);
  }
  for (const answer of answers) if (answer.status === "rejected") expectRefusedWith(job.id, answer.reason);
  const attached = await Promise.all(Array.from({ length: callers }, () => jobs.run(id, { onConflict: "attach" })));
  const others = attached.filter((each) => each.id !== job.id);
  if (others.length > 0) throw new Error(`${others.length} of ${callers} callers were attached to another job.`);
  ended(await jobs.untilFinished(id, job.id), { inserted: ENTITIES });
  const all = await jobs.list(id, callers);
  if (all.length !== 1) throw new Error(`${all.length} jobs came of it, not one.`);
  await connections.remove(id);
  return `${callers} callers at once: one job, ${callers - 1} refused with 409 and it; ${callers} more attached to it`;
}

/** What everybody is told whose job it is not: 409, with the one that is active. */
export function expectRefusedWith(jobId: string, reason: unknown): void {
  if (!(reason instanceof Refused)) throw new Error(`A caller was not refused, but: ${String(reason)}`);
  if (reason.status !== 409 || reason.job?.id !== jobId) {
    throw new Error(`A caller was not refused with the job, but with ${reason.status}, ${JSON.stringify(reason.job)}.`);
  }
}
