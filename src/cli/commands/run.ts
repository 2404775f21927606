import { Command, Option } from "@commander-js/extra-typings";

import { connectionNamed } from "#cli/connection-named";
import { reportOf } from "#cli/job-report";
import type { Session } from "#cli/session";
import { finishJob } from "./job-result.ts";

/** `sluice run` */
export function runCommand(session: Session) {
  return new Command("run")
    .summary("start a sync")
    .description(
      "Starts a sync and prints its job. With --wait or --watch it ends with the sync, and the exit code tells how that ended.",
    )
    .argument("<connection>", "its name or id")
    .option("--full", "read everything, whatever the cursors, and find what was deleted")
    .option("--wait", "wait for the end")
    .option("--watch", "wait for the end, and show how it gets on")
    .option("--confirm-deletes", "let it delete what would be held back as suspiciously much")
    .addOption(
      new Option(
        "--on-conflict <how>",
        "while a job is active: refuse, take that job, or run once more after it",
      ).choices(["reject", "attach", "queue"]),
    )
    .option("--idempotency-key <key>", "the same key answers with the same job for 24 hours")
    .addHelpText(
      "after",
      `
Examples:
  $ sluice run Shop --watch
  $ sluice run Shop --full --wait && echo "all of it is there"
  $ sluice run Shop --on-conflict attach --watch
  $ job=$(sluice run Shop --json | jq -r .id)`,
    )
    .action(async (reference, options) => {
      const client = session.client();
      const id = await connectionNamed(client, reference);
      const connection = await client.connections.get(id);
      const job = await client.jobs.run(id, {
        isFull: options.full === true,
        confirmsDeletes: options.confirmDeletes === true,
        onConflict: options.onConflict,
        idempotencyKey: options.idempotencyKey,
      });
      const isWatched = options.watch === true;
      if (isWatched || options.wait === true) return finishJob(session, client, job, { connection, isWatched });
      const { out } = session;
      return out.result(job, out.isTerminal ? `Started ${job.id}\n${reportOf(job)}` : job.id);
    });
}
