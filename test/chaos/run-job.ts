import { z } from "zod";

import { jobBodySchema, type JobBody } from "#http/schemas/job";
import { ask, Broken, until } from "./ask.ts";
import { renew } from "./perform.ts";
import { untilWithCron } from "./settle.ts";
import { jobIn, type Subject } from "./subject.ts";
import type { Stage } from "./stage.ts";

const endedSchema = z.object({ isEnded: z.boolean() });

/** Starts a job of a connection that is quiet. */
export async function startJob(stage: Stage, { source, id }: Subject, query = "", key?: string): Promise<JobBody> {
  const headers = key === undefined ? {} : { "idempotency-key": key };
  const job = jobIn(await ask(stage, "POST", `/source-connections/${id}/run${query}`, { headers }));
  if (job === null) throw new Broken(`${source}: a run of a quiet connection was not answered with a job.`);
  return job;
}

/** Waits for the end of a job by D1's account: asking its object would wake that. Its end is the caller's to judge. */
export async function untilEnded(stage: Stage, { source, id }: Subject, jobId: string): Promise<JobBody> {
  await untilWithCron(
    stage,
    `the job ${jobId} of ${source} has ended`,
    async () => endedSchema.parse((await ask(stage, "GET", `/jobs/${jobId}`, { where: "chaos" })).body).isEnded,
    () => "",
  );
  const job = jobBodySchema.parse((await ask(stage, "GET", `/source-connections/${id}/jobs/${jobId}`)).body);
  stage.history.add(`${source}: ${job.id} ended: ${told(job)}`);
  return job;
}

export async function runToEnd(stage: Stage, subject: Subject, query = ""): Promise<JobBody> {
  const { id } = await startJob(stage, subject, query);
  return untilEnded(stage, subject, id);
}

/**
 * The same for a sync that nothing keeps from completing. But who dies with a refresh token on its way can't know its
 * successor, and somebody has to sign in again: that it was so is checked apart.
 */
export async function complete(stage: Stage, subject: Subject, query = ""): Promise<JobBody> {
  const job = await signedIn(stage, subject, query);
  if (query.includes("force_full_sync=true")) subject.sights.readInFull();
  return job;
}

async function signedIn(stage: Stage, subject: Subject, query: string): Promise<JobBody> {
  const job = await runToEnd(stage, subject, query);
  const isSignedOut = subject.source === "desk" && job.error_category === "api_key_invalid";
  if (!isSignedOut || !stage.upstream.signIn.isOver) return completed(job);
  await until(`the source of ${subject.source} takes new credentials`, async () => {
    return (await renew(stage, subject))?.status === 200;
  });
  return completed(await runToEnd(stage, subject, query));
}

export function completed(job: JobBody): JobBody {
  if (job.status === "COMPLETED") return job;
  throw new Broken(`A sync of a well source ended ${job.status}: ${job.error ?? ""} (${job.id})`);
}

/** What a job changed, as findings say it. */
export function countsOf(job: JobBody): string {
  const { entities_inserted: inserted, entities_updated: updated, entities_deleted: deleted } = job;
  return JSON.stringify({ inserted, updated, deleted });
}

function told(job: JobBody): string {
  const { status, sync_mode: mode, error } = job;
  const counts = `+${job.entities_inserted} ~${job.entities_updated} -${job.entities_deleted} =${job.entities_kept} !${job.entities_failed}`;
  return `${status} ${mode} ${counts} ${error ?? ""}`;
}
