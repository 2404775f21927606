import { Command } from "@commander-js/extra-typings";

import type { Job } from "#cli/api-answers";
import { connectionNamed } from "#cli/connection-named";
import { isFinal } from "#cli/job-end";
import { doneBy, durationText } from "#cli/job-report";
import type { Column } from "#cli/table";
import type { Session } from "#cli/session";
import { finishJob, printJob } from "./job-result.ts";
import { wholeNumber } from "./number-option.ts";

/** Fits a terminal; the API gives a thousand. */
const USUAL_LIMIT = 20;
const MOST = 1_000;

/** `sluice jobs` */
export function jobsCommand(session: Session) {
  return new Command("jobs")
    .summary("list the jobs of a connection, or show one")
    .argument("<connection>", "its name or id")
    .argument("[job]", "id of one job")
    .option("--limit <number>", "how many, newest first", wholeNumber(1, MOST), USUAL_LIMIT)
    .option("--watch", "follow the job (by default the newest) to its end")
    .addHelpText(
      "after",
      `
Examples:
  $ sluice jobs Shop
  $ sluice jobs Shop --watch
  $ sluice jobs Shop --json | jq '.[0].error'`,
    )
    .action(async (reference, jobId, { limit, watch }) => {
      const client = session.client();
      const id = await connectionNamed(client, reference);
      if (watch === true) {
        const job = jobId === undefined ? (await client.jobs(id, 1))[0] : await client.job(id, jobId);
        if (job === undefined) return session.out.result(null, "There are no jobs yet. `sluice run` starts one.");
        return finishJob(session, client, job, { connection: await client.connection(id), isWatched: !isFinal(job) });
      }
      if (jobId !== undefined) return printJob(session, await client.job(id, jobId));
      const jobs = await client.jobs(id, limit);
      const empty = "There are no jobs yet. `sluice run` starts one.";
      return session.out.list(jobs, jobs, columnsFor(session), empty);
    });
}

function columnsFor({ out }: Session): Column<Job>[] {
  const colours = { COMPLETED: "green", FAILED: "red", CANCELLED: "yellow", CANCELLING: "yellow" } as const;
  const colourOf = ({ status }: Job) => (status === "PENDING" || status === "RUNNING" ? "cyan" : colours[status]);
  return [
    { title: "ID", value: ({ id }) => id },
    { title: "STATUS", value: ({ status }) => status, paint: (text, job) => out.paint(colourOf(job), text) },
    { title: "TRIGGER", value: ({ trigger, sync_mode: mode }) => `${trigger} ${mode}` },
    { title: "CREATED", value: (job) => job.created_at },
    {
      title: "TOOK",
      value: ({ duration_seconds: seconds }) =>
        seconds === null ? "" : out.isTerminal ? durationText(seconds) : String(seconds),
      isNumber: true,
    },
    { title: "ENTITIES", value: (job) => String(doneBy(job)), isNumber: true },
    { title: "ERROR", value: ({ error }) => error ?? "" },
  ];
}
