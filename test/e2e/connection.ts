import { expect } from "vitest";

import { jobBodySchema, type JobBody } from "#http/schemas/job";
import { sourceConnectionSchema, type SourceConnectionBody } from "#http/schemas/source-connection";
import type { Answer, Sluice } from "./sluice.ts";
import { until } from "./until.ts";

export interface NewConnection {
  readonly short_name: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly credentials?: Readonly<Record<string, unknown>>;
  readonly sync_settings?: Readonly<Record<string, unknown>>;
  readonly sync_immediately?: boolean;
  readonly readable_collection_id?: string;
  readonly schedule?: Readonly<Record<string, unknown>> | null;
}

const FINAL: ReadonlySet<string> = new Set(["COMPLETED", "FAILED", "CANCELLED"]);

/** Asks for a connection and answers with whatever comes. No job is started unless the input says so. */
export function tryToConnect(sluice: Sluice, { credentials, ...input }: NewConnection): Promise<Answer> {
  const authentication = credentials === undefined ? {} : { authentication: { credentials } };
  return sluice.call("POST", "/source-connections", {
    body: { name: "End to end", sync_immediately: false, ...input, ...authentication },
  });
}

/** Makes a connection and answers with it. */
export async function connect(sluice: Sluice, input: NewConnection): Promise<SourceConnectionBody> {
  return connectionIn(await tryToConnect(sluice, input));
}

export async function describeConnection(sluice: Sluice, id: string): Promise<SourceConnectionBody> {
  return connectionIn(await sluice.call("GET", `/source-connections/${id}`));
}

/** Starts a job; `query` as in `?force_full_sync=true`. */
export async function run(sluice: Sluice, id: string, query = ""): Promise<JobBody> {
  return jobIn(await sluice.call("POST", `/source-connections/${id}/run${query}`));
}

export async function readJob(sluice: Sluice, id: string, jobId: string): Promise<JobBody> {
  return jobIn(await sluice.call("GET", `/source-connections/${id}/jobs/${jobId}`));
}

/** Newest first. */
export async function listJobs(sluice: Sluice, id: string): Promise<JobBody[]> {
  return jobBodySchema.array().parse(succeeded(await sluice.call("GET", `/source-connections/${id}/jobs`)));
}

export function cancel(sluice: Sluice, id: string, jobId: string): Promise<Answer> {
  return sluice.call("POST", `/source-connections/${id}/jobs/${jobId}/cancel`);
}

/** Waits until the job looks as wanted. */
export async function untilJob(
  sluice: Sluice,
  { source_connection_id, id }: Pick<JobBody, "id" | "source_connection_id">,
  what: string,
  isSo: (job: JobBody) => boolean,
  patienceMs?: number,
): Promise<JobBody> {
  let last: JobBody | null = null;
  const look = async () => {
    last = await readJob(sluice, source_connection_id, id);
    return isSo(last) ? last : null;
  };
  return until(`the job ${what}`, look, patienceMs).catch((error: unknown) => {
    throw new Error(`The last that was seen of the job: ${JSON.stringify(last)}`, { cause: error });
  });
}

/** Waits until the job has ended, however it did. */
export function untilEnded(
  sluice: Sluice,
  job: Pick<JobBody, "id" | "source_connection_id">,
  patienceMs?: number,
): Promise<JobBody> {
  return untilJob(sluice, job, "has ended", ({ status }) => FINAL.has(status), patienceMs);
}

/** Runs a job to its end. */
export async function runToEnd(sluice: Sluice, id: string, query = ""): Promise<JobBody> {
  return untilEnded(sluice, await run(sluice, id, query));
}

export function jobIn(answer: Answer): JobBody {
  return jobBodySchema.parse(succeeded(answer));
}

export function connectionIn(answer: Answer): SourceConnectionBody {
  return sourceConnectionSchema.parse(succeeded(answer));
}

/** What a job counted. */
export function countsOf(job: JobBody) {
  return {
    inserted: job.entities_inserted,
    updated: job.entities_updated,
    deleted: job.entities_deleted,
    kept: job.entities_kept,
    failed: job.entities_failed,
  };
}

export function isFinal({ status }: Pick<JobBody, "status">): boolean {
  return FINAL.has(status);
}

function succeeded(answer: Answer): unknown {
  expect(answer).toMatchObject({ status: 200 });
  return answer.body;
}
