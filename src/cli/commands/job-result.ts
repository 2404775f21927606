import type { ApiClient } from "#cli/api-client";
import type { Connection, Job } from "#cli/api-answers";
import { exitCodeOfJob } from "#cli/exit-code";
import { reportOf } from "#cli/job-report";
import type { Session } from "#cli/session";
import { watchJob } from "#cli/watch-job";

/** Waits for a job's end, with progress if it is to be watched, prints what became of it and sets the exit code. */
export async function finishJob(
  session: Session,
  client: ApiClient,
  job: Job,
  { connection, isWatched }: { readonly connection: Connection; readonly isWatched: boolean },
): Promise<void> {
  const { out } = session;
  const interrupt = () => {
    out.progress.write("\n");
    out.note(`The job goes on. \`sluice cancel ${connection.id}\` ends it.`);
    process.exit(130);
  };
  process.once("SIGINT", interrupt);
  try {
    const expected = job.sync_mode === "full" ? (connection.entities?.total_entities ?? 0) : 0;
    const finished = isWatched
      ? await watchJob(client, connection.id, job.id, {
          output: out.progress,
          expected: expected === 0 ? null : expected,
        })
      : await client.untilFinished(connection.id, job.id);
    await printJob(session, finished);
    session.exitCode = exitCodeOfJob(finished);
  } finally {
    process.off("SIGINT", interrupt);
  }
}

export async function printJob({ out }: Session, job: Job): Promise<void> {
  const colour = job.status === "COMPLETED" ? "green" : job.status === "FAILED" ? "red" : "yellow";
  const [first = "", ...rest] = reportOf(job).split("\n");
  const status = out.paint(colour, job.status);
  await out.result(job, [first.replace(job.status, status), ...rest].join("\n"));
}
