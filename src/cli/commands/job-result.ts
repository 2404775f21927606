import type { JobWatcher } from "#cli/api/jobs";
import type { ApiClient } from "#cli/api-client";
import type { Connection, Job } from "#cli/api-answers";
import { EXIT, exitCodeOfJob } from "#cli/exit-code";
import { reportOf } from "#cli/job-report";
import type { Session } from "#cli/session";
import { watchJob } from "#cli/watch-job";

export interface FollowOptions {
  readonly connection: Connection;
  /** Show how it gets on. */
  readonly isWatched: boolean;
}

/** Waits for a job's end, sets the exit code by it, and prints what became of the job. */
export async function finishJob(session: Session, client: ApiClient, job: Job, options: FollowOptions): Promise<void> {
  await printJob(session, await followJob(session, client, job, options));
}

/** Waits for a job's end and sets the exit code by it. Ctrl-C ends the waiting, and leaves the job alone. */
export async function followJob(
  session: Session,
  client: ApiClient,
  job: Job,
  { connection, isWatched }: FollowOptions,
): Promise<Job> {
  const { out } = session;
  const interrupt = () => {
    out.note(`\nThe job goes on. \`sluice cancel ${connection.id}\` ends it.`);
    process.exit(EXIT.interrupted);
  };
  process.once("SIGINT", interrupt);
  try {
    const total = job.sync_mode === "full" ? (connection.entities?.total_entities ?? 0) : 0;
    const expected = total === 0 ? null : total;
    const finished = isWatched
      ? await watchJob(client, connection.id, job.id, { output: out.progress, expected })
      : await client.jobs.watch(connection.id, job.id, UNSEEN);
    session.exitCode = exitCodeOfJob(finished);
    return finished;
  } finally {
    process.off("SIGINT", interrupt);
  }
}

const UNSEEN: JobWatcher = { onProgress: () => undefined, onLog: () => undefined };

export async function printJob({ out }: Session, job: Job): Promise<void> {
  const colour = job.status === "COMPLETED" ? "green" : job.status === "FAILED" ? "red" : "yellow";
  const [first = "", ...rest] = reportOf(job).split("\n");
  const status = out.paint(colour, job.status);
  await out.result(job, [first.replace(job.status, status), ...rest].join("\n"));
}
