import { Command, Option } from "@commander-js/extra-typings";

import type { Job, JobLog, LogEntry } from "#cli/api-answers";
import { connectionNamed } from "#cli/connection-named";
import { isFinal } from "#cli/job-end";
import { doneBy, durationText } from "#cli/job-report";
import { logText } from "#cli/log-report";
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
    .addOption(new Option("--log", "show what happened in the job (by default the newest)").conflicts("watch"))
    .addHelpText(
      "after",
      `
Examples:
  $ sluice jobs Shop
  $ sluice jobs Shop --watch
  $ sluice jobs Shop --log
  $ sluice jobs Shop --json | jq '.[0].error'`,
    )
    .action(async (reference, jobId, { limit, watch, log }) => {
      const client = session.client();
      const id = await connectionNamed(client, reference);
      if (watch === true || log === true) {
        const job = jobId === undefined ? (await client.jobs.list(id, 1))[0] : await client.jobs.get(id, jobId);
        if (job === undefined) return session.out.result(null, NO_JOBS);
        if (log === true) return printLog(session, await client.jobs.log(id, job.id));
        return finishJob(session, client, job, {
          connection: await client.connections.get(id),
          isWatched: !isFinal(job),
        });
      }
      if (jobId !== undefined) return printJob(session, await client.jobs.get(id, jobId));
      const jobs = await client.jobs.list(id, limit);
      return session.out.list(jobs, jobs, columnsFor(session), NO_JOBS);
    });
}

const NO_JOBS = "There are no jobs yet. `sluice run` starts one.";

const LEVEL_COLOURS = { warning: "yellow", error: "red" } as const;

/** `2026-11-01 06:00:00` of a time in UTC */
function secondText(time: string): string {
  return time.slice(0, 19).replace("T", " ");
}

/** `2026-11-01 06:00` of a time in UTC */
function minuteText(time: string): string {
  return time.slice(0, 16).replace("T", " ");
}

async function printLog({ out }: Session, log: JobLog): Promise<void> {
  if (out.isTerminal && log.entries.length > 0) {
    // A line that is too long goes on in the next one: the end of a sentence is worth as much as its beginning.
    const lines = log.entries.map((entry) => {
      const text = entry.level === "info" ? logText(entry) : out.paint(LEVEL_COLOURS[entry.level], logText(entry));
      return `${out.paint("dim", secondText(entry.at))}  ${text}\n`;
    });
    await out.write(lines.join(""));
  } else {
    const columns = [
      { title: "TIME", value: ({ at }: LogEntry) => at },
      { title: "LEVEL", value: ({ level }: LogEntry) => level },
      { title: "WHAT", value: logText },
    ];
    const empty = log.is_kept ? "Nothing happened yet." : "The log is gone: those of the last 20 jobs are kept.";
    await out.list(log, log.entries, columns, empty);
  }
  if (log.entries_dropped > 0) out.note(`${log.entries_dropped} more entries were not kept.`);
}

function columnsFor({ out }: Session): Column<Job>[] {
  const colours = { COMPLETED: "green", FAILED: "red", CANCELLED: "yellow", CANCELLING: "yellow" } as const;
  const colourOf = ({ status }: Job) => (status === "PENDING" || status === "RUNNING" ? "cyan" : colours[status]);
  return [
    { title: "ID", value: ({ id }) => id },
    { title: "STATUS", value: ({ status }) => status, paint: (text, job) => out.paint(colourOf(job), text) },
    { title: "TRIGGER", value: ({ trigger, sync_mode: mode }) => `${trigger} ${mode}`, isExtra: true },
    { title: "CREATED", value: (job) => (out.isTerminal ? minuteText(job.created_at) : job.created_at) },
    {
      title: "TOOK",
      value: ({ duration_seconds: seconds }) =>
        seconds === null ? "" : out.isTerminal ? durationText(seconds) : String(seconds),
      isNumber: true,
      isExtra: true,
    },
    { title: "ENTITIES", value: (job) => String(doneBy(job)), isNumber: true, isExtra: true },
    { title: "ERROR", value: ({ error }) => error ?? "" },
  ];
}
